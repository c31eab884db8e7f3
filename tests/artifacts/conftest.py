"""Places for artifacts: this machine by path and by URI, memory, a real S3 and a real sshd."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from artifacts.servers import LOCALHOST, Sshd, s3_server, ssh_server
from nbtrail.artifacts import ArtifactRepository

PLACES = ("directory", "file-uri", "memory", "s3", "sftp")
BUCKET = "nbtrail"


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("moto")) as url:
        yield url


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with ssh_server(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def s3(moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a URI of this test's own in a bucket of moto's server."""
    import s3fs

    environment = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "/no/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/no/credentials",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    bucket = s3fs.S3FileSystem()
    if not bucket.exists(BUCKET):
        bucket.mkdir(BUCKET)
    return f"s3://{BUCKET}/{uuid.uuid4().hex}/artifacts"


@pytest.fixture
def fresh_s3(s3: str) -> Iterator[str]:
    """Return the same, where the environment may be changed: a client reads it once."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    yield s3
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def sftp(sshd: Sshd, monkeypatch: pytest.MonkeyPatch, workdir: Path) -> str:
    """Return a URI of this test's own directory by way of sshd."""
    monkeypatch.setenv("HOME", str(sshd.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return f"sftp://{LOCALHOST}:{sshd.port}{workdir}/far/artifacts"


@pytest.fixture(params=PLACES)
def artifacts(request: pytest.FixtureRequest, workdir: Path) -> ArtifactRepository:
    """Return an empty repository in each of the places in turn."""
    root = workdir / "run" / "artifacts"
    match request.param:
        case "s3" | "sftp":
            return ArtifactRepository(request.getfixturevalue(request.param))
        case "memory":
            return ArtifactRepository(f"memory://{uuid.uuid4().hex}")
        case "file-uri":
            return ArtifactRepository(root.as_uri())
    return ArtifactRepository(root)


@pytest.fixture
def local(workdir: Path) -> ArtifactRepository:
    """Return a repository in a store's artifacts, where equal files are kept once."""
    (workdir / "artifacts" / ".objects").mkdir(parents=True)
    return ArtifactRepository(workdir / "artifacts" / "1" / "run")
