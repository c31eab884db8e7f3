"""Equal artifacts are kept once, and no run's file changes because another run's does."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from nbtrail.artifacts import ArtifactRepository, Objects, Swept
from nbtrail.store import Store


@pytest.fixture
def root(workdir: Path) -> Path:
    """Return a store's artifact directory."""
    (workdir / "artifacts" / ".objects").mkdir(parents=True)
    return workdir / "artifacts"


def run(root: Path, number: int) -> ArtifactRepository:
    return ArtifactRepository(root / "1" / f"run{number}" / "artifacts")


def inode(artifacts: ArtifactRepository, path: str) -> int:
    return artifacts.local_path(path).stat().st_ino


def object_of(root: Path, data: bytes) -> Path:
    digest = hashlib.sha256(data).hexdigest()
    return root / ".objects" / digest[:2] / digest


def parts(root: Path) -> list[Path]:
    return list(root.rglob(".nbtrail-part-*"))


def test_equal_files_of_two_runs_are_one(root: Path) -> None:
    one, two = run(root, 1), run(root, 2)
    one.write("model", b"weights")
    two.write("other/name", b"weights")
    two.write("else", b"else")
    assert inode(one, "model") == inode(two, "other/name") != inode(two, "else")
    assert object_of(root, b"weights").stat().st_nlink == 3
    assert not one.local_path("model").stat().st_mode & 0o222
    assert not parts(root)
    assert one.diff(two) == (["else", "other/name"], ["model"], [])


def test_another_run_can_be_rewritten(root: Path) -> None:
    one, two = run(root, 1), run(root, 2)
    for artifacts in (one, two):
        artifacts.write("model", b"weights")
    two.write("model", b"newer")
    assert (one.read("model"), two.read("model")) == (b"weights", b"newer")
    two.delete("model")
    two.delete_all()
    assert one.read("model") == b"weights"


def test_the_same_again_is_the_same(root: Path) -> None:
    """Renaming a link over another link of the same file does nothing, and leaves both."""
    one = run(root, 1)
    for _ in range(3):
        one.write("model", b"weights")
    assert object_of(root, b"weights").stat().st_nlink == 2
    assert not parts(root)


def test_a_store_has_objects(store: Store) -> None:
    one, two = run(store.artifact_root, 1), run(store.artifact_root, 2)
    one.write("model", b"weights")
    two.write("model", b"weights")
    assert inode(one, "model") == inode(two, "model")


def test_an_uploaded_directory_shares_too(root: Path, workdir: Path) -> None:
    (workdir / "made").mkdir()
    for number in range(50):
        (workdir / "made" / f"{number}").write_bytes(b"%d" % (number % 5))
    run(root, 1).upload(workdir / "made")
    assert len({inode(run(root, 1), f"{number}") for number in range(50)}) == 5
    assert all((workdir / "made" / f"{n}").stat().st_nlink == 1 for n in range(50))


@pytest.mark.parametrize("planted", ["folder", "link", "dangling link"])
def test_where_links_do_not_work_there_are_copies(root: Path, planted: str, workdir: Path) -> None:
    (workdir / "secret").write_bytes(b"weights")
    target = object_of(root, b"weights")
    target.parent.mkdir()
    if planted == "folder":
        target.mkdir()
    else:
        target.symlink_to(workdir / ("secret" if planted == "link" else "nothing"))
    one, two = run(root, 1), run(root, 2)
    one.write("model", b"weights")
    two.write("model", b"weights")
    assert one.read("model") == two.read("model") == b"weights"
    assert inode(one, "model") != inode(two, "model")
    assert inode(one, "model") != (workdir / "secret").stat().st_ino
    assert not parts(root)


def test_objects_of_somebody_else_are_not_used(root: Path) -> None:
    if os.geteuid() == 0:
        os.chown(root / ".objects", 12345, 12345)
    else:  # whose directory could be written, but not given away: one that root owns will do
        (root / ".objects").rmdir()
        (root / ".objects").symlink_to("/usr")
    run(root, 1).write("model", b"weights")
    assert run(root, 1).read("model") == b"weights"
    assert run(root, 1).local_path("model").stat().st_nlink == 1


def damage(file: Path) -> None:
    file.chmod(0o644)
    with file.open("r+b") as opened:
        opened.write(b"W")


def test_verify_finds_what_was_changed(root: Path) -> None:
    objects = Objects(root)
    run(root, 1).write("a/model", b"weights")
    run(root, 2).write("model", b"weights")
    run(root, 2).write("fine", b"fine")
    assert list(objects.verify()) == []
    damage(run(root, 1).local_path("a/model"))
    (found,) = objects.verify()
    assert found.digest == hashlib.sha256(b"weights").hexdigest()
    assert sorted(found.artifacts) == [
        run(root, 1).local_path("a/model"),
        run(root, 2).local_path("model"),
    ]


def test_a_damaged_object_is_not_linked_again(root: Path) -> None:
    run(root, 1).write("model", b"weights")
    damage(run(root, 1).local_path("model"))
    run(root, 2).write("model", b"weights")
    run(root, 3).write("model", b"weights")
    assert run(root, 1).read("model") == b"Weights"
    assert run(root, 2).read("model") == b"weights"
    assert inode(run(root, 2), "model") == inode(run(root, 3), "model")
    (found,) = Objects(root).verify()
    assert found.artifacts == [run(root, 1).local_path("model")]
    run(root, 1).write("model", b"weights")  # mended by its owner
    Objects(root).sweep()
    assert list(Objects(root).verify()) == []


def test_sweep_removes_what_nobody_uses(root: Path) -> None:
    objects = Objects(root)
    run(root, 1).write("kept", b"kept")
    run(root, 1).write("gone", b"unused")
    run(root, 1).delete("gone")
    old, young = (root / "1" / "run1" / f".nbtrail-part-{name}" for name in ("old", "young"))
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 24 * 3600,) * 2)
    assert objects.sweep() == Swept(files=2, bytes=len(b"unused") + len(b"half"))
    assert objects.sweep() == Swept(0, 0)
    assert object_of(root, b"kept").exists()
    assert not object_of(root, b"unused").exists()
    assert (old.exists(), young.exists()) == (False, True)


def test_a_store_without_objects_has_nothing_to_sweep(workdir: Path) -> None:
    objects = Objects(workdir)
    assert objects.sweep() == Swept(0, 0)
    assert list(objects.verify()) == []


WRITER = """
import sys
from nbtrail.artifacts import ArtifactRepository
for number in range(60):
    ArtifactRepository(f"{sys.argv[1]}/{number}/artifacts").write("f", b"%d" % (number % 7) * 9000)
"""


@contextmanager
def sweeping(root: Path) -> Iterator[None]:
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            Objects(root).sweep()

    thread = threading.Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_writers_and_a_sweeper_do_not_meet(root: Path) -> None:
    """Threads and processes write, rewrite and delete the same few contents while gc runs."""

    def work(number: int) -> None:
        artifacts = run(root, number)
        artifacts.write("f", b"%d" % (number % 3) * 9000)
        artifacts.write("f", b"%d" % (number % 5) * 9000)
        artifacts.write("g", b"%d" % (number % 5) * 9000)
        artifacts.delete("g")

    places = [root / "2", root / "3"]
    with sweeping(root), ThreadPoolExecutor(6) as pool:
        children = [subprocess.Popen([sys.executable, "-c", WRITER, place]) for place in places]
        list(pool.map(work, range(72)))
        assert [child.wait() for child in children] == [0, 0]
    for number in range(72):
        assert run(root, number).read("f") == b"%d" % (number % 5) * 9000
    for place, number in itertools.product(places, range(60)):
        written = ArtifactRepository(place / f"{number}" / "artifacts").read("f")
        assert written == b"%d" % (number % 7) * 9000
    assert list(Objects(root).verify()) == []
    assert not parts(root)
