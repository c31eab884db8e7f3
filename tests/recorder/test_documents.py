"""The notebook as a document: whom the recorder believes, and what is kept of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import nbformat
import pytest

from nbtrail import projects
from nbtrail.entities import Document
from nbtrail.store import open_store
from recorder.kernel import Notebook


def save(path: Path, seconds_ago: float = 0.0, **cells: str) -> None:
    """Write the notebook file as a front end would, a text above the cells."""
    text = nbformat.v4.new_markdown_cell("# Title")
    text["id"] = "title"
    book = nbformat.v4.new_notebook(cells=[text])
    for identity, source in cells.items():
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": [identity]})
        cell["id"] = identity
        book.cells.append(cell)
    nbformat.write(book, path)
    moment = time.time() - seconds_ago
    os.utime(path, (moment, moment))


def document(book: Notebook) -> Document | None:
    return book.store.trails.document(book.runs[-1].info.run_id)


def verdict(book: Notebook) -> tuple[str, str]:
    found = book.verdict(book.runs[-1])
    return found.verdict, found.origin


LOAD = "%load_ext nbtrail"


def test_without_anything_else_cells_stand_as_they_first_ran(notebook: Notebook) -> None:
    notebook.run("a", "score = 0.1 * 3")
    assert verdict(notebook) == ("linear", "assumed")
    assert document(notebook) is None


def test_what_jupyterlab_has_deleted_is_not_there(notebook: Notebook) -> None:
    notebook.run("a", "x = 3")
    notebook.run("b", "y = 3")
    notebook.run("c", "score = x / 10", deletedCells=["b"])
    assert verdict(notebook) == ("linear", "assumed")
    kept = document(notebook)
    assert kept
    assert [cell.cell_id for cell in kept.cells] == ["load", "a", "c"]
    notebook.run("b", "y = 3", deletedCells=["b"])  # undone, and said once more
    kept = document(notebook)
    assert kept
    assert [cell.cell_id for cell in kept.cells] == ["load", "a", "b", "c"]


def test_the_saved_file_is_believed(notebook: Notebook) -> None:
    notebook.run("b", "k = 3")
    save(notebook.folder / "book.ipynb", load=LOAD, a="score = k / 10", b="k = 3")
    notebook.run("a", "score = k / 10")
    assert verdict(notebook) == ("out-of-order", "file")
    kept = document(notebook)
    assert kept
    assert [(c.kind, c.tags) for c in kept.cells[:2]] == [("markdown", []), ("code", ["load"])]
    assert kept.saved
    assert abs(kept.saved - time.time() * 1000) < 60_000


def test_a_file_that_is_older_than_what_ran_is_not_believed(notebook: Notebook) -> None:
    save(notebook.folder / "book.ipynb", 3600, load=LOAD, a="score = k / 10", b="k = 3")
    notebook.run("b", "k = 4")
    notebook.run("a", "score = k / 10")
    assert verdict(notebook) == ("linear", "assumed")
    save(notebook.folder / "book.ipynb", load=LOAD, a="score = k / 10", b="k = 4")
    notebook.run("a", "score = k / 10")
    assert verdict(notebook) == ("out-of-order", "file")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"cells": [{"cell_type": 1}]}'])
def test_a_file_that_is_no_notebook_is_not_believed(notebook: Notebook, content: bytes) -> None:
    (notebook.folder / "book.ipynb").write_bytes(content)
    shown = notebook.run("a", "score = 0.1 * 3")
    assert verdict(notebook) == ("linear", "assumed")
    assert "could not" not in str(shown)


def test_the_front_end_is_believed_above_all(notebook: Notebook) -> None:
    save(notebook.folder / "book.ipynb", load=LOAD, a="k = 3", b="score = k / 10")
    notebook.tell(load=LOAD, b="score = k / 10", a="k = 3")
    notebook.run("a", "k = 3")
    notebook.run("b", "score = k / 10")
    assert verdict(notebook) == ("out-of-order", "live")
    notebook.tell(load=LOAD, a="k = 3", b="score = k / 10", c="# not run")
    notebook.run("b", "score = k / 10")
    assert verdict(notebook) == ("linear", "live")
    kept = document(notebook)
    assert kept
    assert [cell.source for cell in kept.cells][-1] == "# not run"


def test_papermill_says_what_it_runs(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("k = 3", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_markdown_cell("text"),
            nbformat.v4.new_code_cell("score = k / 10"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(book, tmp_path / "book.ipynb")
    store = open_store(tmp_path / ".nbtrail")
    run = projects.run_notebook(tmp_path / "book.ipynb", {"k": "5"}, store=store, progress=False)
    found = store.trails.verdict(run.info.run_id)
    assert found
    assert (found.verdict, found.origin) == ("linear", "papermill")
    kept = store.trails.document(run.info.run_id)
    assert kept
    assert [cell.kind for cell in kept.cells] == ["code", "code", "markdown", "code"]
