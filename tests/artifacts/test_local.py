"""On this machine: writes are whole or not at all, and no link leads out, whoever planted it."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nbtrail.artifacts import ArtifactRepository
from nbtrail.errors import InvalidValue, NbtrailError, NotFound, StoreError


@pytest.fixture
def trapped(local: ArtifactRepository, workdir: Path) -> ArtifactRepository:
    """Return a repository in which somebody planted links, loops and a pipe."""
    (workdir / "secrets").mkdir()
    (workdir / "secrets" / "key").write_text("secret")
    local.write("kept.txt", b"x")
    root = local.local_path()
    (root / "folder").symlink_to(workdir / "secrets")
    (root / "leak.txt").symlink_to(workdir / "secrets" / "key")
    (root / "dangling").symlink_to(workdir / "secrets" / "new")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe")
    return local


def inside(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


LINKED = ["folder", "folder/key", "folder/new", "leak.txt", "dangling", "loop", "loop/kept.txt"]


@pytest.mark.parametrize("path", LINKED)
def test_no_link_is_followed(trapped: ArtifactRepository, workdir: Path, path: str) -> None:
    (workdir / "file").write_text("mine")
    calls = [
        lambda: trapped.read(path),
        lambda: trapped.exists(path),
        lambda: trapped.list(path),
        lambda: trapped.walk(path),
        lambda: trapped.size(path),
        lambda: trapped.digest(path),
        lambda: trapped.download(path),
        lambda: trapped.local_path(path),
        lambda: trapped.upload(workdir / "file", path),
        lambda: trapped.write(f"{path}/x", b"x"),
    ]
    for call in calls:
        with pytest.raises(InvalidValue, match="symbolic link"):
            call()
    assert inside(workdir / "secrets") == ["key"]


def test_what_is_no_file_is_not_there(trapped: ArtifactRepository, workdir: Path) -> None:
    assert [info.path for info in trapped.list()] == ["kept.txt"]
    assert [info.path for info in trapped.walk()] == ["kept.txt"]
    trapped.download("", workdir / "copy")
    assert inside(workdir / "copy") == ["kept.txt"]
    with pytest.raises(NotFound, match="not a file"):
        trapped.read("pipe")


def test_a_link_is_replaced_or_deleted_not_its_target(
    trapped: ArtifactRepository, workdir: Path
) -> None:
    trapped.write("leak.txt", b"mine")
    trapped.write("dangling", b"mine")
    trapped.delete("folder")
    trapped.delete("loop")
    assert trapped.read("leak.txt") == trapped.read("dangling") == b"mine"
    assert (workdir / "secrets" / "key").read_text() == "secret"
    (trapped.local_path() / "again").symlink_to(workdir / "secrets")
    trapped.delete_all()
    assert inside(workdir / "secrets") == ["key"]


@contextmanager
def swapping(one: Path, other: Path, name: Path) -> Iterator[None]:
    """Have `name` be now one, now the other, as fast as a thread can."""
    stop = threading.Event()

    def swap() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            chosen = one if turn % 2 else other
            try:
                chosen.rename(name)
            except OSError:  # in between, a folder was made there to write to
                shutil.rmtree(name, ignore_errors=True)
            else:
                name.rename(chosen)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_link_planted_between_check_and_use(local: ArtifactRepository, workdir: Path) -> None:
    (workdir / "secrets").mkdir()
    (workdir / "secrets" / "file").write_text("secret")
    root = local.local_path()
    (root / "honest").mkdir(parents=True)
    (root / "honest" / "file").write_text("mine")
    (root / "planted").symlink_to(workdir / "secrets")
    seen = set()
    with swapping(root / "honest", root / "planted", root / "a"):
        for _ in range(800):
            try:
                seen.add(local.read("a/file"))
                local.write("a/new", b"x")
                local.delete("a/new")
            except NbtrailError as error:
                seen.add(type(error).__name__.encode())
    assert seen <= {b"mine", b"NotFound", b"InvalidValue"}
    assert inside(workdir / "secrets") == ["file"]


def test_a_download_follows_no_link_either(local: ArtifactRepository, workdir: Path) -> None:
    local.write("a/b", b"x")
    (workdir / "secrets").mkdir()
    (workdir / "target").mkdir()
    (workdir / "target" / "a").symlink_to(workdir / "secrets")
    with pytest.raises(InvalidValue, match="symbolic link"):
        local.download("a", workdir / "target")
    assert inside(workdir / "secrets") == []


def test_a_download_is_a_copy_to_work_with(local: ArtifactRepository, workdir: Path) -> None:
    local.write("a/b", b"kept")
    assert local.download("a/b") == local.local_path("a/b")
    copy = local.download("a/b", workdir / "mine")
    assert copy.stat().st_nlink == 1
    assert copy.stat().st_mode & 0o200
    copy.write_bytes(b"edited")
    assert local.read("a/b") == b"kept"


WRITER = """
import os, sys
from nbtrail.artifacts import ArtifactRepository
artifacts = ArtifactRepository(sys.argv[1])
contents = [bytes([n]) * 3_000_000 for n in range(1, 9)]
print("ready", flush=True)
while True:
    for data in contents:
        artifacts.write("model/weights", data)
"""


def test_a_killed_writer_leaves_whole_files(local: ArtifactRepository) -> None:
    for turn in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, local.uri], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        while not local.exists("model/weights"):
            pass
        time.sleep(turn * 0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        data = local.read("model/weights")
        assert data == data[:1] * 3_000_000
        assert [info.path for info in local.list("model")] == ["model/weights"]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Have the disk be full for files from this size on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(local: ArtifactRepository, workdir: Path) -> None:
    local.write("model/weights", b"old")
    (workdir / "large").write_bytes(b"x" * 3_000_000)
    with largest_file(2_000_000):
        with pytest.raises(StoreError, match=r"'model/weights' cannot be .*: File too large"):
            local.write("model/weights", b"x" * 3_000_000)
        with pytest.raises(StoreError, match="'large' cannot be"):
            local.upload(workdir / "large")
    assert local.read("model/weights") == b"old"
    assert inside(local.local_path("model")) == ["weights"]
    assert inside(local.local_path()) == ["model"]


def test_a_root_that_is_a_file(workdir: Path) -> None:
    (workdir / "file").write_bytes(b"x")
    artifacts = ArtifactRepository(workdir / "file")
    for call in (artifacts.list, artifacts.walk, lambda: artifacts.write("a", b"x")):
        with pytest.raises(InvalidValue, match="a file, not a folder"):
            call()


def test_the_root_itself_may_be_a_link(workdir: Path) -> None:
    """A disk for artifacts elsewhere is the owner's own decision."""
    (workdir / "disk").mkdir()
    (workdir / "artifacts").symlink_to(workdir / "disk")
    artifacts = ArtifactRepository(workdir / "artifacts")
    artifacts.write("a/b", b"x")
    assert artifacts.read("a/b") == b"x"
    assert [info.path for info in artifacts.list()] == ["a"]
