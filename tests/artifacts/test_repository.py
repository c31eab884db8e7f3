"""Files below a root: what comes back, and that nothing gets out of the root."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrail.artifacts import ArtifactRepository, clean
from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue, NotFound


@pytest.fixture(params=["directory", "file-uri", "memory"])
def artifacts(request: pytest.FixtureRequest, workdir: Path) -> ArtifactRepository:
    """A repository on this machine, by path and by URI, and one elsewhere."""
    root = workdir / "run" / "artifacts"
    uris = {
        "directory": str(root),
        "file-uri": f"file://{root}",
        "memory": f"memory://{uuid.uuid4().hex}",
    }
    return ArtifactRepository(uris[request.param])


@pytest.fixture
def local(workdir: Path) -> ArtifactRepository:
    return ArtifactRepository(workdir / "artifacts")


def test_bytes_come_back(artifacts: ArtifactRepository) -> None:
    artifacts.write("plots/roc.png", b"\x00\xff")
    artifacts.write("notes.txt", b"")
    artifacts.write("plots/roc.png", b"new")
    assert artifacts.read("plots/roc.png") == b"new"
    assert artifacts.list() == [FileInfo("notes.txt", False, 0), FileInfo("plots", True, None)]
    assert artifacts.list("plots") == [FileInfo("plots/roc.png", False, 3)]


def test_what_is_not_there(artifacts: ArtifactRepository) -> None:
    assert artifacts.list() == []
    assert artifacts.list("missing") == []
    with pytest.raises(NotFound, match="no artifact 'missing'"):
        artifacts.read("missing")
    artifacts.write("plots/roc.png", b"x")
    with pytest.raises(NotFound):
        artifacts.read("plots")


def test_a_file_and_a_directory_are_uploaded(artifacts: ArtifactRepository, workdir: Path) -> None:
    source = workdir / "made"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "b.txt").write_text("b")
    (source / "ä b:c.txt").write_text("a")
    artifacts.upload(source / "deep" / "b.txt")
    artifacts.upload(source, "all")
    assert [info.path for info in artifacts.list()] == ["all", "b.txt"]
    assert [info.path for info in artifacts.list("all")] == ["all/deep", "all/ä b:c.txt"]
    assert artifacts.read("all/deep/b.txt") == b"b"
    with pytest.raises(NotFound, match="no file 'nowhere'"):
        artifacts.upload("nowhere")


HOSTILE = [
    "..", "../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/.", "a/", "/", "",
    "a\\..\\b", "C:/x", "c:x", "a\0b", "file:///etc/passwd", "memory://x/y",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_refused(artifacts: ArtifactRepository, path: str) -> None:
    with pytest.raises(InvalidValue, match="not an artifact path"):
        artifacts.write(path, b"x")
    if path:
        for action in (artifacts.read, artifacts.list):
            with pytest.raises(InvalidValue, match="not an artifact path"):
                action(path)


@given(st.text(alphabet="ab./\\:\0 ", max_size=12))
def test_a_clean_path_stays_below_its_root(path: str) -> None:
    try:
        checked = clean(path)
    except InvalidValue:
        return
    assert checked == path
    root = Path("/root/of/all")
    resolved = (root / checked).resolve()
    assert resolved.is_relative_to(root)
    assert resolved != root


def test_a_link_out_of_the_root_is_not_followed(local: ArtifactRepository, workdir: Path) -> None:
    (workdir / "secret.txt").write_text("secret")
    local.write("kept.txt", b"x")
    (workdir / "artifacts" / "link").symlink_to(workdir)
    (workdir / "artifacts" / "leak.txt").symlink_to(workdir / "secret.txt")
    for path in ("link/secret.txt", "leak.txt"):
        with pytest.raises(InvalidValue, match="leads out of its folder"):
            local.read(path)
        with pytest.raises(InvalidValue, match="leads out of its folder"):
            local.write(path, b"x")
    with pytest.raises(InvalidValue, match="leads out of its folder"):
        local.list("link")
    assert (workdir / "secret.txt").read_text() == "secret"


def test_files_and_folders_do_not_replace_each_other(local: ArtifactRepository) -> None:
    local.write("plots/roc.png", b"x")
    with pytest.raises(InvalidValue, match="'plots' is a folder"):
        local.write("plots", b"y")
    with pytest.raises(InvalidValue, match=r"A part of 'plots/roc.png/z' is an artifact"):
        local.write("plots/roc.png/z", b"y")
    assert [info.path for info in local.list("plots")] == ["plots/roc.png"]


def test_a_write_that_fails_leaves_nothing(local: ArtifactRepository, workdir: Path) -> None:
    local.write("plots/roc.png", b"old")
    with pytest.raises(TypeError):
        local.write("plots/roc.png", "text")  # type: ignore[arg-type]
    assert [path.name for path in (workdir / "artifacts" / "plots").iterdir()] == ["roc.png"]
    assert local.read("plots/roc.png") == b"old"


def test_where_a_file_is(local: ArtifactRepository, workdir: Path) -> None:
    assert local.local_path("plots/a.png") == workdir / "artifacts" / "plots" / "a.png"
    assert local.local_path() == workdir / "artifacts"
    with pytest.raises(InvalidValue, match="not on this machine"):
        ArtifactRepository("memory://x").local_path("a")
