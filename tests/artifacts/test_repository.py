"""What every place for artifacts does alike: this machine, memory, S3 and SFTP."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrail.artifacts import ArtifactRepository, clean
from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue, NotFound

# Names that a library might take for patterns, versions, anchors or escapes.
ODD = ["*", "[a]b", "a?b=1", "#1", "ä b:c.txt", "%2e%2e", "~", "x ", " x", "-rf", ".hid", "aa::b"]


def names(artifacts: ArtifactRepository, path: str = "") -> list[str]:
    return [info.path for info in artifacts.list(path)]


def test_bytes_come_back(artifacts: ArtifactRepository) -> None:
    artifacts.write("plots/roc.png", b"\x00\xff")
    artifacts.write("notes.txt", b"")
    artifacts.write("plots/roc.png", b"new")
    assert artifacts.read("plots/roc.png") == b"new"
    assert artifacts.read("notes.txt") == b""
    assert artifacts.list() == [FileInfo("notes.txt", False, 0), FileInfo("plots", True, None)]
    assert artifacts.list("plots") == [FileInfo("plots/roc.png", False, 3)]
    assert artifacts.list("notes.txt") == []
    with artifacts.open("plots/roc.png") as opened:
        assert opened.read(1) == b"n"


def test_what_is_known_of_a_file(artifacts: ArtifactRepository) -> None:
    artifacts.write("a/b.txt", b"four")
    artifacts.write("a/c/d.txt", b"five!")
    assert artifacts.exists("a/b.txt")
    assert artifacts.exists("a/c")
    assert not artifacts.exists("a/b")
    assert not artifacts.exists("a/b.txt/c")
    assert (artifacts.size("a/b.txt"), artifacts.size("a"), artifacts.size()) == (4, 9, 9)
    assert artifacts.digest("a/b.txt") == hashlib.sha256(b"four").hexdigest()
    assert artifacts.walk("a") == [FileInfo("a/b.txt", False, 4), FileInfo("a/c/d.txt", False, 5)]


def test_what_is_not_there(artifacts: ArtifactRepository, workdir: Path) -> None:
    assert artifacts.list() == []
    assert artifacts.list("missing") == artifacts.walk("missing") == []
    artifacts.write("plots/roc.png", b"x")
    for action in (artifacts.read, artifacts.size, artifacts.delete, artifacts.digest):
        with pytest.raises(NotFound, match="no artifact 'missing'"):
            action("missing")
    with pytest.raises(NotFound, match="no artifact 'missing'"):
        artifacts.download("missing", workdir / "here")
    with pytest.raises(NotFound):
        artifacts.read("plots")


def test_odd_names_are_names(artifacts: ArtifactRepository, workdir: Path) -> None:
    for number, name in enumerate(ODD):
        artifacts.write(f"odd/{name}", b"%d" % number)
    for name in ODD[:3]:
        artifacts.write(f"{name}/inside", b"x")
    assert sorted(names(artifacts, "odd")) == sorted(f"odd/{name}" for name in ODD)
    assert sorted(names(artifacts)) == sorted([*ODD[:3], "odd"])
    artifacts.download("odd", workdir / "copy")
    for number, name in enumerate(ODD):
        assert (workdir / "copy" / "odd" / name).read_bytes() == b"%d" % number
    artifacts.delete("odd/*")
    artifacts.delete("*")
    assert len(names(artifacts, "odd")) == len(ODD) - 1
    assert sorted(names(artifacts)) == sorted([*ODD[1:3], "odd"])


def test_files_and_folders_do_not_replace_each_other(artifacts: ArtifactRepository) -> None:
    artifacts.write("plots/roc.png", b"x")
    with pytest.raises(InvalidValue, match="'plots' is a folder"):
        artifacts.write("plots", b"y")
    with pytest.raises(InvalidValue, match=r"A part of 'plots/roc.png/z' .*is a file"):
        artifacts.write("plots/roc.png/z", b"y")
    assert names(artifacts, "plots") == ["plots/roc.png"]


def test_a_write_that_fails_leaves_what_was_there(artifacts: ArtifactRepository) -> None:
    artifacts.write("plots/roc.png", b"old")
    with pytest.raises(TypeError):
        artifacts.write("plots/roc.png", "text")  # type: ignore[arg-type]
    assert names(artifacts, "plots") == ["plots/roc.png"]
    assert artifacts.read("plots/roc.png") == b"old"


def tree(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def content(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_a_directory_goes_there_and_back(artifacts: ArtifactRepository, workdir: Path) -> None:
    files = {f"{n % 5}/{n}.bin": os.urandom(n * 1000) for n in range(20)}
    files |= {".hidden/.env": b"dot", "empty": b"", "deep/er/est/x": b"x"}
    source = tree(workdir / "made", files)
    artifacts.upload(source, "all")
    assert {info.path: info.file_size for info in artifacts.walk()} == {
        f"all/{name}": len(data) for name, data in files.items()
    }
    assert names(artifacts, "all/.hidden") == ["all/.hidden/.env"]
    assert artifacts.download("all", workdir / "back") == workdir / "back" / "all"
    assert content(workdir / "back" / "all") == files
    assert artifacts.download("", workdir / "whole") == workdir / "whole"
    assert content(workdir / "whole" / "all") == files
    found = artifacts.download("all/0")
    assert content(found) == {n[2:]: data for n, data in files.items() if n.startswith("0/")}


def test_one_file_goes_there_and_back(artifacts: ArtifactRepository, workdir: Path) -> None:
    (workdir / "b.txt").write_text("b")
    artifacts.upload(workdir / "b.txt")
    artifacts.upload("b.txt", "deep/er")
    assert artifacts.read("b.txt") == artifacts.read("deep/er/b.txt") == b"b"
    back = artifacts.download("deep/er/b.txt", workdir / "back")
    assert back == workdir / "back" / "b.txt"
    assert back.read_text() == "b"
    assert artifacts.download("b.txt").read_text() == "b"
    with pytest.raises(NotFound, match="no file 'nowhere'"):
        artifacts.upload("nowhere")


def test_a_large_file(artifacts: ArtifactRepository, workdir: Path) -> None:
    """Large enough that S3 takes it in pieces, and SFTP in many requests."""
    data = os.urandom(1 << 20) * 17 + b"end"
    (workdir / "model.bin").write_bytes(data)
    artifacts.upload(workdir / "model.bin")
    assert artifacts.download("model.bin", workdir / "back").read_bytes() == data
    assert artifacts.digest("model.bin") == hashlib.sha256(data).hexdigest()
    with artifacts.open("model.bin") as opened:
        opened.seek(-3, os.SEEK_END)
        assert opened.read() == b"end"


def test_delete(artifacts: ArtifactRepository) -> None:
    for path in ("a/b/c", "a/b/d", "a/e", "f"):
        artifacts.write(path, b"x")
    artifacts.delete("a/b")
    artifacts.delete("f")
    assert [info.path for info in artifacts.walk()] == ["a/e"]
    artifacts.write("a/b/c", b"again")
    artifacts.delete_all()
    artifacts.delete_all()
    assert artifacts.list() == []
    artifacts.write("a/b/c", b"anew")
    assert artifacts.read("a/b/c") == b"anew"


def test_difference(artifacts: ArtifactRepository, workdir: Path) -> None:
    other = ArtifactRepository(workdir / "other")
    before = {"same": b"1", "shorter": b"22", "other": b"333", "gone/x": b"4"}
    after = {"same": b"1", "shorter": b"2", "other": b"334", "new/y": b"4"}
    for path, data in before.items():
        artifacts.write(f"model/{path}", data)
    for path, data in after.items():
        other.write(f"model/{path}", data)
    assert artifacts.diff(other) == (
        ["model/new/y"],
        ["model/gone/x"],
        ["model/other", "model/shorter"],
    )
    assert artifacts.diff(other, "model/gone") == ([], ["model/gone/x"], [])
    assert artifacts.diff(artifacts) == ([], [], [])


HOSTILE = [
    "..", "../x", "a/../../x", "/etc/passwd", "//a", "./../a", "a/./..", "/", "", "a/..",
    "a\\..\\b", "C:/x", "c:x", "a\0b", "file:///etc/passwd", "memory://x/y", "a\nb", "\x1b[2J",
    "\ud800", "n" * 256, "ä" * 128, "a/" * 600 + "a", ".nbtrail-part-1/x", "a/.nbtrail-part-",
]  # fmt: skip


REFUSED = r"not an artifact path|not on this machine"


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_refused_by_every_method(path: str, workdir: Path) -> None:
    (workdir / "file").write_bytes(b"x")
    for artifacts in (ArtifactRepository(workdir / "root"), ArtifactRepository("memory://root")):
        calls = [
            lambda a=artifacts: a.write(path, b"x"),
            lambda a=artifacts: a.read(path),
            lambda a=artifacts: a.open(path),
            lambda a=artifacts: a.exists(path),
            lambda a=artifacts: a.delete(path),
            lambda a=artifacts: a.digest(path),
        ]
        # For these, "" is the root.
        folders = [
            lambda a=artifacts: a.upload(workdir / "file", path),
            lambda a=artifacts: a.list(path),
            lambda a=artifacts: a.walk(path),
            lambda a=artifacts: a.size(path),
            lambda a=artifacts: a.download(path),
            lambda a=artifacts: a.local_path(path),
            lambda a=artifacts: a.diff(a, path),
        ]
        for call in calls + (folders if path else []):
            with pytest.raises(InvalidValue, match=REFUSED):
                call()
        assert not (workdir / "root").exists()


@given(st.text(alphabet="ab./\\:\0 \n~", max_size=12))
def test_a_clean_path_stays_below_its_root(path: str) -> None:
    try:
        checked = clean(path)
    except InvalidValue:
        return
    assert checked == str(PurePosixPath(path))
    root = Path("/root/of/all")
    resolved = (root / checked).resolve()
    assert resolved.is_relative_to(root)
    assert resolved != root


@pytest.mark.parametrize("path", ["./a/b", "a//b", "a/./b", "a/b/", ".//a/b/."])
def test_what_says_the_same_is_the_same_path(artifacts: ArtifactRepository, path: str) -> None:
    artifacts.write(path, b"x")
    assert names(artifacts, "a/") == names(artifacts, "./a") == ["a/b"]
    assert artifacts.read(path) == b"x"
    assert names(artifacts, ".") == ["a"]
    with pytest.raises(InvalidValue, match="names no file"):
        artifacts.write(".", b"x")


def test_where_a_file_is(workdir: Path) -> None:
    local = ArtifactRepository(workdir / "artifacts")
    assert local.local_path("plots/a.png") == workdir / "artifacts" / "plots" / "a.png"
    assert local.local_path() == workdir / "artifacts"
    with pytest.raises(InvalidValue, match="memory://x are not on this machine"):
        ArtifactRepository("memory://x").local_path("a")
