"""What is particular to a server with links, connections and sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifacts.servers import Sshd
from nbtrail.artifacts import ArtifactRepository
from nbtrail.errors import InvalidValue


@pytest.fixture
def far(sftp: str, workdir: Path) -> Path:
    """Return where the server has what `sftp` names."""
    (workdir / "far" / "artifacts").mkdir(parents=True)
    return workdir / "far" / "artifacts"


def test_no_link_on_the_server_is_followed(sftp: str, far: Path, workdir: Path) -> None:
    (workdir / "secrets").mkdir()
    (workdir / "secrets" / "key").write_text("secret")
    (far / "folder").symlink_to(workdir / "secrets")
    (far / "leak").symlink_to(workdir / "secrets" / "key")
    (far / "dangling").symlink_to(workdir / "secrets" / "new")
    artifacts = ArtifactRepository(sftp)
    artifacts.write("kept", b"x")
    assert [info.path for info in artifacts.list()] == ["kept"]
    assert [info.path for info in artifacts.walk()] == ["kept"]
    for path in ("folder", "folder/key", "folder/new", "leak", "dangling", "leak/x"):
        calls = [
            lambda p=path: artifacts.read(p),
            lambda p=path: artifacts.write(p, b"x"),
            lambda p=path: artifacts.list(p),
            lambda p=path: artifacts.download(p),
            lambda p=path: artifacts.delete(p),
        ]
        for call in calls:
            with pytest.raises(InvalidValue, match="symbolic link"):
                call()
    artifacts.delete_all()
    assert [path.name for path in (workdir / "secrets").iterdir()] == ["key"]


def test_a_write_is_whole_or_not_at_all(sftp: str, far: Path, workdir: Path) -> None:
    artifacts = ArtifactRepository(sftp)
    artifacts.write("model", b"old")
    before = (far / "model").stat().st_ino
    artifacts.write("model", b"new")
    assert (far / "model").stat().st_ino != before
    assert [path.name for path in far.iterdir()] == ["model"]


def test_it_connects_again(sftp: str, far: Path) -> None:
    ArtifactRepository(sftp).write("a", b"x")
    files = ArtifactRepository(sftp)._files
    files.fs.client.close()  # type: ignore[attr-defined]  # as a server does after a while
    assert ArtifactRepository(sftp).read("a") == b"x"


def test_one_connection_serves_a_directory(sftp: str, sshd: Sshd, far: Path, workdir: Path) -> None:
    artifacts = ArtifactRepository(sftp)
    artifacts.list()
    before = connections(sshd)
    (workdir / "made").mkdir()
    for number in range(30):
        (workdir / "made" / f"{number}").write_text("x")
    artifacts.upload(workdir / "made")
    artifacts.download("", workdir / "back")
    assert len(list((workdir / "back").iterdir())) == 30
    assert connections(sshd) == before


def connections(sshd: Sshd) -> int:
    return (sshd.home / "sshd.log").read_text().count("Accepted publickey")
