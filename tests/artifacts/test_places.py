"""From a URI to a place: which there are, and clear sentences where there is none."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from artifacts.servers import LOCALHOST, Sshd, free_port
from nbtrail.artifacts import ArtifactRepository
from nbtrail.errors import InvalidValue, NotFound, StoreError


def test_a_file_uri_is_decoded(workdir: Path) -> None:
    odd = workdir / "100% a#b?c ä"
    ArtifactRepository(odd.as_uri()).write("x", b"x")
    assert ArtifactRepository(odd).read("x") == b"x"
    assert ArtifactRepository(f"file:{workdir}").exists(f"{odd.name}/x")


def test_a_home_and_a_relative_directory(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(workdir))
    assert ArtifactRepository("~/a/../b").local_path("x") == workdir / "b" / "x"
    assert ArtifactRepository("b").local_path("x") == workdir / "b" / "x"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("s4://bucket/x", "'s4://' is not a kind of place .* Did you mean 's3'"),
        ("s3:/bucket/x", "'s3:/bucket/x' is neither a directory nor a URI: s3://…, maybe"),
        ("file://host/x", "no file on this machine"),
        ("file:///x?y", "%3F"),
        ("simplecache::file:///etc", "not a place for artifacts"),
        ("a\0b", "not a place for artifacts"),
        ("", "not a place for artifacts"),
        ("memory://", "names no folder"),
        ("github://o:r@/x", "github://"),
    ],
)
def test_a_uri_without_meaning(uri: str, message: str) -> None:
    with pytest.raises((InvalidValue, StoreError), match=message):
        ArtifactRepository(uri).list()


WITHOUT = """
import sys
sys.modules.update(s3fs=None, paramiko=None, gcsfs=None)
from nbtrail.artifacts import ArtifactRepository
from nbtrail.errors import InvalidValue
for uri in ("s3://bucket/x", "sftp://user:hidden@host/x", "gs://bucket/x"):
    try:
        ArtifactRepository(uri).list()
    except InvalidValue as error:
        print(error)
"""


def test_a_library_that_is_not_installed(workdir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    s3, sftp, gs = done.stdout.splitlines()
    assert s3 == "Artifacts at s3://bucket/x need another package: pip install 'nbtrail[s3]'."
    assert sftp == (
        "Artifacts at sftp://user@host/x need another package: pip install 'nbtrail[sftp]'."
    )
    assert gs.startswith("Artifacts at gs://bucket/x need another package: ")
    assert "gcsfs" in gs


def test_s3_without_credentials(fresh_s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreError, match=r"no credentials for s3://.*AWS_ACCESS_KEY_ID"):
        ArtifactRepository(fresh_s3).write("a", b"x")


def test_s3_that_is_not_there(fresh_s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{LOCALHOST}:{free_port()}")
    with pytest.raises(StoreError, match=r"s3://\S+ cannot be reached"):
        ArtifactRepository(fresh_s3).read("a")


def test_a_bucket_that_is_not_there(s3: str, workdir: Path) -> None:
    artifacts = ArtifactRepository("s3://no-such-bucket/x")
    (workdir / "file").write_bytes(b"x")
    assert artifacts.list() == []
    for call in (lambda: artifacts.write("a", b"x"), lambda: artifacts.upload(workdir / "file")):
        with pytest.raises(NotFound, match=r"s3://no-such-bucket/x .*bucket does not exist"):
            call()


def test_s3_that_refuses(moto: str, s3: str) -> None:
    """From this call on moto looks at keys, and knows none."""
    try:
        look_at_keys_after(b"0", moto)
        with pytest.raises(StoreError, match="'a' cannot be had or kept at s3://"):
            ArtifactRepository(s3).write("a", b"x")
    finally:
        look_at_keys_after(b"inf", moto)


def look_at_keys_after(calls: bytes, moto: str) -> None:
    request = urllib.request.Request(
        f"{moto}/moto-api/reset-auth", data=calls, headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(request).close()


def test_a_name_that_s3fs_would_read_otherwise(s3: str) -> None:
    artifacts = ArtifactRepository(s3)
    artifacts.write("a", b"x")
    with pytest.raises(InvalidValue, match="cannot be a name on S3"):
        artifacts.write("a?versionId=1", b"y")
    assert artifacts.read("a") == b"x"


def test_hostile_keys_of_a_bucket_stay_there(s3: str, workdir: Path) -> None:
    """Others may have written what no path of ours could be."""
    import s3fs

    bucket = s3fs.S3FileSystem()
    root = s3.removeprefix("s3://")
    for key in ("good", "../../up", "/absolute", "a//b", "back\\slash", "marker/", "n\x1b[2J"):
        bucket.call_s3("put_object", Bucket="nbtrail", Key=f"{root[8:]}/{key}", Body=b"x")
    artifacts = ArtifactRepository(s3)
    artifacts.download("", workdir / "deep" / "er" / "here")
    files = [path for path in workdir.rglob("*") if path.is_file()]
    assert files == [workdir / "deep" / "er" / "here" / "good"]
    assert [info.path for info in artifacts.walk()] == ["good"]
    assert "good" in [info.path for info in artifacts.list()]


def test_sftp_that_is_not_there(sftp: str, sshd: Sshd) -> None:
    uri = sftp.replace(str(sshd.port), str(free_port()))
    with pytest.raises(StoreError, match=r"sftp://\S+ cannot be reached"):
        ArtifactRepository(uri).list()


def test_a_server_that_is_not_known(sftp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = sftp.replace(LOCALHOST, "localhost")
    with pytest.raises(StoreError, match=r"localhost is not in your ~/\.ssh/known_hosts"):
        ArtifactRepository(unknown).list()


def test_a_server_that_is_another_one(
    sftp: str, sshd: Sshd, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workdir / "home"
    (home / ".ssh").mkdir(parents=True)
    key = (sshd.home / ".ssh" / "id_ed25519.pub").read_text()  # not the host's
    (home / ".ssh" / "known_hosts").write_text(f"[{LOCALHOST}]:{sshd.port} {key}")
    monkeypatch.setenv("HOME", str(home))
    uri = sftp.replace("sftp://", "sftp://somebody@")
    with pytest.raises(StoreError, match=r"sftp://somebody@.*does not match"):
        ArtifactRepository(uri).list()


def test_a_server_that_knows_no_key_of_ours(sftp: str, sshd: Sshd, workdir: Path) -> None:
    uri = sftp.replace("sftp://", "sftp://nobody-here:password@")
    with pytest.raises(StoreError, match="no credentials for sftp://nobody-here@") as told:
        ArtifactRepository(uri).list()
    assert "password@" not in str(told.value)


PLUGIN = """
from nbtrail.artifacts.local import LocalFiles
from pathlib import Path

def files_at(uri):
    return LocalFiles(Path(uri.removeprefix("attic://")))
"""


def test_a_plugin_adds_a_kind_of_place(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = workdir / "lib" / "attic-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: attic\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[nbtrail.artifact_repository]\nattic = nbtrail_attic:files_at\n"
    )
    (workdir / "lib" / "nbtrail_attic.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(str(workdir / "lib"))
    ArtifactRepository(f"attic://{workdir}/boxes").write("a/b", b"x")
    assert (workdir / "boxes" / "a" / "b").read_bytes() == b"x"
