"""Figures and tables that a cell shows are artifacts of its run, with the cell that showed them."""

from __future__ import annotations

import json
from typing import Any

from nbtrail.artifacts import ArtifactRepository
from recorder.kernel import Notebook

from .test_files import line


def artifacts(book: Notebook) -> ArtifactRepository:
    return ArtifactRepository(book.runs[-1].info.artifact_uri)


def count(book: Notebook, cell_id: str) -> int | None:
    """The number of a cell's last execution."""
    found = [one for one in book.trail(book.runs[-1]) if one.cell_id == cell_id]
    return found[-1].execution_count


def table(book: Notebook, cell_id: str, number: int = 1) -> dict[str, Any]:
    path = f"tables/cell-{count(book, cell_id)}-{number}.json"
    found: dict[str, Any] = json.loads(artifacts(book).read(path))
    return found


def test_tables_that_a_cell_shows(book: Notebook) -> None:
    told = line(
        book.run(
            "a",
            "import polars as pl\n"
            "df = pd.DataFrame({'x': [1.5, None], 'y': ['a', 'b']}, index=['p', 'q'])\n"
            "display(df)\ndf.loc['p', 'x'] = 9\npl.DataFrame({'n': [1, 2]})",
        )
    )
    assert "2 tables" in told
    assert table(book, "a") == {
        "columns": ["index", "x", "y"], "data": [["p", 1.5, "a"], ["q", None, "b"]],
    }  # fmt: skip
    assert table(book, "a", 2) == {"columns": ["n"], "data": [[1], [2]]}
    assert "1 table" in line(book.run("b", "df.groupby('y').agg({'x': ['min', 'max']})"))
    assert table(book, "b")["columns"] == ["y", "x.min", "x.max"]
    told = line(book.run("c", "pd.DataFrame({'n': range(1000)})"))
    assert "1 table (200 of 1,000 rows)" in told
    loaded = book.run("load", f"nbtrail.load_table('tables/cell-{count(book, 'b')}-1.json').shape")
    assert loaded[0]["data"]["text/plain"] == "(2, 3)"
    by_cell = {one.cell_id: one.artifacts for one in book.trail(book.runs[-1])}
    number = count(book, "a")
    assert by_cell["a"] == [f"tables/cell-{number}-1.json", f"tables/cell-{number}-2.json"]


def test_equal_figures_are_kept_once(book: Notebook) -> None:
    for cell in "de":
        assert "1 figure" in line(book.run(cell, "plt.plot([1, 2]);"))
    root = artifacts(book)
    d, e = (root.local_path(f"figures/cell-{count(book, cell)}-1.png") for cell in "de")
    assert d.samefile(e)
    assert d.read_bytes().startswith(b"\x89PNG")


def test_a_frame_of_the_users_own_class_that_misbehaves(book: Notebook) -> None:
    front = book.run(
        "f",
        "class Odd(pd.DataFrame):\n    def head(self, *a):\n        raise RuntimeError\n"
        "    def __len__(self):\n        raise RuntimeError\n"
        "    def _repr_html_(self):\n        return 'odd'\n    def __repr__(self):\n"
        "        return 'odd'\nOdd({'x': [1]})",
    )
    assert front[0]["data"]["text/plain"] == "odd"
    assert "loss=0.25" in line(book.run("g", "loss = 1 / 4"))


def test_a_figure_of_a_run_that_has_ended_in_the_cell_is_its_own(shared: Notebook) -> None:
    source = "with nbtrail.start_run():\n    loss = 1 / 4\n    plt.plot([1, 2]);"
    shared.run("end", "%track end")
    told = line(shared.run("h", source))
    assert "loss=0.25 · 1 figure" in told
    assert artifacts(shared).exists(f"figures/cell-{count(shared, 'h')}-1.png")
