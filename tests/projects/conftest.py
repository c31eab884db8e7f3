"""Small notebooks on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

Write = Callable[..., Path]


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
