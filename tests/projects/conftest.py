"""Small notebooks on disk, and a project in a repository."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

Write = Callable[..., Path]
WINE = Path(__file__).parent / "examples" / "wine"
TINY = Path(__file__).parent / "examples" / "tiny"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    command = ["git", *identity, *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(workdir: Path) -> Path:
    """Make a repository with the project in a subdirectory; its tag `old` lacks an entry point."""
    folder = workdir / "repository"
    shutil.copytree(WINE, folder / "projects" / "wine")
    file = folder / "projects" / "wine" / "MLproject"
    whole = file.read_text()
    git(folder, "init")
    for text in (whole[: whole.index("  fail:")], whole):
        file.write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-m", "one")
        if text != whole:
            git(folder, "tag", "old")
    return folder


@pytest.fixture
def write(workdir: Path) -> Write:
    """Write a notebook of code cells below a title; a pair gives a cell's source and tags."""

    def _write(
        *sources: str | tuple[str, list[str]], name: str = "train.ipynb", kernel: str = "python3"
    ) -> Path:
        spec = {"name": kernel, "display_name": kernel, "language": "python"}
        notebook = new_notebook(metadata={"kernelspec": spec})
        notebook.cells.append(new_markdown_cell("# Training", id="title"))
        for number, given in enumerate(sources, start=1):
            source, tags = (given, []) if isinstance(given, str) else given
            cell = new_code_cell(source, id=f"cell-{number}", metadata={"tags": tags})
            notebook.cells.append(cell)
        path = workdir / "notebooks" / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return _write


@pytest.fixture
def tiny(workdir: Path) -> Path:
    """Copy the project whose only step takes no time."""
    return shutil.copytree(TINY, workdir / "tiny")


@pytest.fixture
def held(tiny: Path) -> Path:
    """The same project; its step waits for as long as there is the file `hold`."""
    (tiny / "hold").touch()
    return tiny
