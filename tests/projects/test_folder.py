"""The notebooks below a folder, and that nothing outside of it can be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbtrail.errors import AlreadyExists, InvalidValue, NotFound
from nbtrail.projects.notebooks import folder as folders
from nbtrail.projects.notebooks.folder import Folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a tree with a secret beside it, and a link that leads there."""
    root = tmp_path / "root"
    names = [
        "b.ipynb", "a.ipynb", "work/c.ipynb", "work/deep/d.ipynb", "work/notes.txt",
        ".hidden/e.ipynb", "work/.ipynb_checkpoints/c-checkpoint.ipynb", "env/pyvenv.cfg",
        "env/lib/f.ipynb", "node_modules/g.ipynb", "../secret/h.ipynb", "ünï 🦡.ipynb",
    ]  # fmt: skip
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (root / "link.ipynb").symlink_to(tmp_path / "secret" / "h.ipynb")
    (root / "linked").symlink_to(tmp_path / "secret")
    (root / "own.ipynb").symlink_to(root / "a.ipynb")
    return root


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder(root)


def test_all_that_is_a_persons_is_listed(folder: Folder) -> None:
    found, truncated = folder.notebooks()
    assert [one.path for one in found] == [
        "a.ipynb", "b.ipynb", "own.ipynb", "work/c.ipynb", "work/deep/d.ipynb", "ünï 🦡.ipynb"
    ]  # fmt: skip
    assert (found[0].size, truncated) == (2, False)
    assert found[0].modified > 1_600_000_000_000


def test_a_list_can_begin_in_a_sub_folder_and_has_a_bound(folder: Folder) -> None:
    assert [one.path for one in folder.notebooks("work")[0]] == [
        "work/c.ipynb", "work/deep/d.ipynb"
    ]  # fmt: skip
    found, truncated = folder.notebooks("work", most=1)
    assert ([one.path for one in found], truncated) == (["work/c.ipynb"], True)


def test_a_huge_tree_is_not_walked_to_its_end(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MOST_ENTRIES", 3)
    found, truncated = folder.notebooks()
    assert (len(found), truncated) == (2, True)


OUTSIDE = [
    "../secret/h.ipynb", "work/../../secret/h.ipynb", "/etc/passwd.ipynb", "link.ipynb",
    "linked/h.ipynb", "./a.ipynb", "work//c.ipynb", "a\0.ipynb", f"{'x' * 300}.ipynb", "x/" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leads_elsewhere_is_refused(folder: Folder, path: str) -> None:
    for ask in (folder.notebook, folder.notebooks, lambda one: folder.write_new(one, b"{}")):
        with pytest.raises(InvalidValue):
            ask(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("c.ipynb", "There is no notebook"),
        ("aa.ipynb", "Did you mean 'a.ipynb'"),
        (".hidden/e.ipynb", "is hidden"),
        ("work/.ipynb_checkpoints/c-checkpoint.ipynb", "is hidden"),
        ("work/deep/d.ipynb/x.ipynb", "There is no notebook"),
    ],
)
def test_what_is_not_there_is_not_found(folder: Folder, path: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        folder.notebook(path)


def test_what_is_no_notebook_is_refused(folder: Folder) -> None:
    with pytest.raises(InvalidValue, match=r"does not end in \.ipynb"):
        folder.notebook("work/notes.txt")
    with pytest.raises(InvalidValue, match=r"must end in \.ipynb"):
        folder.write_new("work/evil.py", b"")
    with pytest.raises(NotFound, match="Did you mean 'work'"):
        folder.notebooks("wrk")


def test_a_notebook_is_written_over_nothing(folder: Folder, root: Path) -> None:
    assert folder.write_new("work/new.ipynb", b"1") == "work/new.ipynb"
    with pytest.raises(AlreadyExists, match="choose another name"):
        folder.write_new("work/new.ipynb", b"2")
    assert (root / "work/new.ipynb").read_bytes() == b"1"
    with pytest.raises(NotFound, match="no folder 'nowhere'"):
        folder.write_new("nowhere/new.ipynb", b"2")


def test_a_free_name_is_beside_or_else_at_the_top(folder: Folder) -> None:
    names = ("work/x.ipynb", "work/c.ipynb", "gone/x.ipynb", ".hidden/x.ipynb")
    assert [folder.free_name(name) for name in names] == [
        "work/x.ipynb", "work/c 2.ipynb", "x.ipynb", "x.ipynb"
    ]  # fmt: skip
