"""The cells that a saved function came from, as the recorder of a real kernel saw them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import read

import nbtrail
from nbtrail.models import cards, trails
from nbtrail.models.integrity import recorded
from nbtrail.models.uris import resolve
from nbtrail.store import open_store
from recorder.kernel import Notebook

CELLS = {
    "imports": "import math, nbtrail",
    "unused": "colours = ['red']\nprint('hello')",
    "data": "rows = [4.0, 9.0]",
    "fit": "rows.append(25.0)\nweights = [math.sqrt(row) for row in rows]  # ```",
    "look": "colours",
    "old": "def scaled(x):\n    return x",
    "helper": "def scaled(x):\n    return x * sum(weights)",
    "predict": (
        "OFFSET = len(rows)\n"
        "def predict(rows: list[float]) -> list[float]:\n"
        "    return [scaled(row) + OFFSET for row in rows]\n"
        "info = nbtrail.log_model(predict, 'scale', pip_requirements=[])\n"
        "info.model_uri"
    ),
}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Notebook]:
    book = Notebook(tmp_path)
    book.run("load", "%load_ext nbtrail")
    yield book
    book.close()


def logged(book: Notebook) -> str:
    """Execute the cells; return the URI of the model."""
    for cell_id, source in CELLS.items():
        outputs = book.run(cell_id, source)
    return result(outputs)


def result(outputs: list[dict[str, Any]]) -> str:
    (shown,) = (one for one in outputs if one["output_type"] == "execute_result")
    return str(shown["data"]["text/plain"]).strip("'")


def test_a_function_takes_the_cells_along_that_it_came_from(book: Notebook) -> None:
    uri = logged(book)
    store = open_store(str(book.folder / ".nbtrail"))
    directory = resolve(uri, store)
    assert trails.FILE in recorded(directory)
    kept = json.loads((directory / trails.FILE).read_text())
    assert [cell["id"] for cell in kept["cells"]] == "load imports data fit helper predict".split()
    assert all(cell["outputs"] == [] for cell in kept["cells"])
    assert nbtrail.load_model(uri, store).predict([1.0]) == [13.0]  # OFFSET is 3
    card = cards.card(uri, store)
    assert f"## Source\n\nAlso as `{trails.FILE}`, beside the model.\n" in card
    assert f"````python\n{CELLS['fit']}\n````\n" in card
    assert "colours" not in card.partition("## Source")[2]


def test_the_cells_make_the_same_once_more(book: Notebook) -> None:
    store = open_store(str(book.folder / ".nbtrail"))
    again = read(resolve(logged(book), store) / trails.FILE, as_version=4)
    NotebookClient(again, resources={"metadata": {"path": str(book.folder)}}).execute()
    uri = result(again.cells[-1].outputs)
    assert nbtrail.load_model(uri, store).predict([1.0]) == [13.0]


def test_an_object_of_a_notebooks_class_too(book: Notebook) -> None:
    cells = {
        **{name: CELLS[name] for name in ("imports", "unused", "data", "fit", "helper")},
        "class": (
            "class Scale(nbtrail.pyfunc.PythonModel):\n"
            "    def predict(self, context, model_input):\n"
            "        return [scaled(row) + self.offset for row in model_input]"
        ),
        "made": "model = Scale()\nmodel.offset = 3",
        "log": "nbtrail.pyfunc.log_model('scale', python_model=model).model_uri",
    }
    uri = result([book.run(name, source) for name, source in cells.items()][-1])
    store = open_store(str(book.folder / ".nbtrail"))
    kept = json.loads((resolve(uri, store) / trails.FILE).read_text())
    needed = "load imports data fit helper class made".split()
    assert [cell["id"] for cell in kept["cells"]] == needed
    assert nbtrail.load_model(uri, store).predict([1.0]) == [13.0]


def test_without_a_trail_there_is_none(tmp_path: Path) -> None:
    assert trails.slicing_of({"x"}, []) == []
    assert trails.read(tmp_path) == []
    (tmp_path / trails.FILE).write_text('{"cells": 3}')
    assert trails.read(tmp_path) == []
