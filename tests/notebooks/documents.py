"""The notebooks of the collection as documents, which a session may edit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
Cell = dict[str, Any]
Step = str | dict[str, str]

LOAD: Cell = {
    "cell_type": "code",
    "id": "load-nbtrail",
    "metadata": {},
    "source": "%load_ext nbtrail",
    "outputs": [],
    "execution_count": None,
}


class Document:
    """A notebook with a first cell that loads nbtrail, saved to a file after each change."""

    def __init__(self, name: str, file: Path, only: set[str] | None = None) -> None:
        """Copy the notebook `name` to `file`; of its code cells only those, if any are given."""
        self.file = file
        self._book = json.loads((FOLDER / f"{name}.ipynb").read_text())
        cells = [{**cell, "source": "".join(cell["source"])} for cell in self._book["cells"]]
        kept = [c for c in cells if only is None or c["cell_type"] != "code" or c["id"] in only]
        self.cells = [LOAD, *kept]
        file.parent.mkdir(parents=True, exist_ok=True)
        self._save()

    @property
    def code(self) -> list[Cell]:
        """The code cells, the first one left out."""
        return [cell for cell in self.cells[1:] if cell["cell_type"] == "code"]

    def perform(self, steps: list[Step]) -> Iterator[Cell]:
        """Go through a session: yield the cells to execute, and edit the notebook in between."""
        yield LOAD
        for step in steps:
            if isinstance(step, str):
                yield self._cell(step)
            else:
                self._change(**step)
                self._save()

    def _change(
        self, edit: str = "", to: str = "", delete: str = "", move: str = "", below: str = ""
    ) -> None:
        cell = self._cell(edit or delete or move)
        if edit:
            cell["source"] = to
        else:
            self.cells.remove(cell)
        if move:
            self.cells.insert(self.cells.index(self._cell(below)) + 1, cell)

    def _cell(self, identity: str) -> Cell:
        return next(cell for cell in self.cells if cell["id"] == identity)

    def _save(self) -> None:
        self.file.write_text(json.dumps({**self._book, "cells": self.cells}))
