"""What differs between two runs, cell by cell and otherwise."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nbtrail
from nbtrail.entities import CellExecution
from nbtrail.trail.cells import CellChange, compare_cells, compare_outputs
from nbtrail.trail.diff import changes


def ran(*cells: tuple[str | None, str], **fields: Any) -> list[CellExecution]:
    return [
        CellExecution(n, "session", n, cell_id, source, n + 1, 0, status="ok", **fields)
        for n, (cell_id, source) in enumerate(cells)
    ]


def told(found: list[CellChange]) -> list[tuple[str, str | None, str | None]]:
    return [(change.summary, change.cell_a, change.cell_b) for change in found]


LOAD = ("load", "import pandas as pd\ndf = pd.read_csv('wine.csv')")
FIT = ("fit", "model = Ridge(alpha=0.1)\nmodel.fit(df.x, df.y)\nscore = model.score(df.x, df.y)")
PLOT = ("plot", "plt.plot(df.x)\nplt.show()")


def test_equal_trails_are_the_same() -> None:
    found = compare_cells(ran(LOAD, FIT), ran(LOAD, FIT))
    assert told(found) == [("the same", "load", "load"), ("the same", "fit", "fit")]
    assert not any(change.differs for change in found)


def test_an_edited_cell_has_a_unified_diff() -> None:
    edited = ("fit", FIT[1].replace("0.1", "0.5"))
    change = compare_cells(ran(LOAD, FIT), ran(LOAD, edited))[1]
    assert change.kind == "edited"
    assert change.source == [
        "@@ -1,3 +1,3 @@", "-model = Ridge(alpha=0.1)", "+model = Ridge(alpha=0.5)",
        " model.fit(df.x, df.y)", " score = model.score(df.x, df.y)",
    ]  # fmt: skip


def test_cells_come_and_go_where_they_stood() -> None:
    found = compare_cells(ran(LOAD, PLOT, FIT), ran(LOAD, FIT, ("new", "print(score)")))
    assert told(found) == [
        ("the same", "load", "load"), ("removed", "plot", None),
        ("the same", "fit", "fit"), ("added", None, "new"),
    ]  # fmt: skip


def test_cells_with_other_ids_are_matched_by_content_then_by_likeness() -> None:
    copied = [("x1", LOAD[1] + "\n"), ("x2", PLOT[1]), ("x3", FIT[1].replace("0.1", "0.5"))]
    found = compare_cells(ran(LOAD, FIT, PLOT), ran(*copied))
    assert {(c.cell_a, c.cell_b) for c in found} == {("load", "x1"), ("plot", "x2"), ("fit", "x3")}


def test_cells_that_have_nothing_in_common_are_not_matched() -> None:
    found = compare_cells(ran(("a", "x = load()")), ran(("b", "print(1 + 2)")))
    assert told(found) == [("removed", "a", None), ("added", None, "b")]


def test_a_moved_cell_is_told_alone() -> None:
    a = [(name, f"{name} = 1") for name in "pqrst"]
    b = [a[1], a[2], a[3], a[0], a[4]]
    found = compare_cells(ran(*a), ran(*b))
    assert [(c.cell_b, c.place_a, c.place_b) for c in found if c.moved] == [("p", 1, 4)]


def test_the_last_execution_of_a_cell_counts() -> None:
    found = compare_cells(ran(LOAD, FIT), ran(("load", "broken"), LOAD, FIT))
    assert not any(change.differs for change in found)


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: Any) -> dict[str, Any]:
    kinds = {name.replace("_", "/"): content for name, content in data.items()}
    return {"output_type": "display_data", "data": kinds, "metadata": {}}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([stream("a\nb\n")], [stream("a\n"), stream("b\n")], []),
        ([stream("a\n")], [stream("b\n")], [("stdout", ["@@ -1 +1 @@", "-a", "+b"])]),
        ([stream("a\n")], [], [("stdout", ["@@ -1 +0,0 @@", "-a"])]),
        ([shown(text_plain="<A at 0x7f12ab34cd>")], [shown(text_plain="<A at 0x7fffffffff>")], []),
        ([shown(text_plain="x", text_html="<i id='1'>")],
         [shown(text_plain="x", text_html="<i id='2'>")], []),
        ([shown(text_html="<i>")], [shown(text_html="<b>")],
         [("text/html", ["@@ -1 +1 @@", "-<i>", "+<b>"])]),
        ([shown(text_plain="f", image_png="aa")], [shown(text_plain="f", image_png="ab")],
         [("image/png", [])]),
        ([{"output_type": "error", "ename": "E", "evalue": "1", "traceback": ["x"]}],
         [{"output_type": "error", "ename": "E", "evalue": "1", "traceback": ["y"]}], []),
        ([shown(application_json={"a": 1, "b": 2})],
         [shown(application_json={"b": 2, "a": 1})], []),
    ],
)  # fmt: skip
def test_outputs(a: list[Any], b: list[Any], expected: list[tuple[str, list[str]]]) -> None:
    assert [(change.what, change.diff) for change in compare_outputs(a, b)] == expected


def test_huge_texts_are_not_compared_line_by_line() -> None:
    a, b = ("\n".join(f"{mark}{n}" for n in range(50_000)) for mark in "ab")
    (change,) = compare_outputs([stream(a)], [stream(b)])
    assert change.diff == ["@@ 50000 lines are now 50000 other ones @@"]


def test_values_differ_by_key_and_nan_is_nan() -> None:
    a = {"same": 1, "nan": math.nan, "gone": None, "other": 1.0}
    b = {"same": 1, "nan": math.nan, "other": 2.0, "new": 0}
    assert [(c.key, c.a, c.b) for c in changes(a, b)] == [
        ("gone", None, None), ("new", None, 0), ("other", 1.0, 2.0),
    ]  # fmt: skip


def recorded(lr: float, digest: str) -> str:
    with nbtrail.start_run(run_name=f"lr {lr}") as run:
        nbtrail.log_param("lr", lr)
        nbtrail.log_param("depth", 3)
        nbtrail.log_metric("accuracy", 1 - lr)
        data = nbtrail.data.from_numpy(__import__("numpy").full(4, lr), name="wine", digest=digest)
        nbtrail.log_input(data, context="training")
    return run.info.run_id


def test_runs_of_scripts_are_compared_by_all_but_cells() -> None:
    a, b = recorded(0.1, "aaa"), recorded(0.2, "bbb")
    found = nbtrail.diff(a, nbtrail.get_run(b))
    assert [(c.key, c.a, c.b) for c in found.params] == [("lr", "0.1", "0.2")]
    assert [(c.key, c.a, c.b) for c in found.metrics] == [("accuracy", 0.9, 0.8)]
    assert [(c.key, c.a, c.b) for c in found.data] == [("wine (training)", "aaa", "bbb")]
    assert found.cells == found.packages == found.git == []
    assert str(found).splitlines()[3:] == [
        "PARAM  a    b", "lr     0.1  0.2", "", "METRIC    a    b", "accuracy  0.9  0.8", "",
        "DATA             a    b", "wine (training)  aaa  bbb",
    ]  # fmt: skip


def test_a_run_does_not_differ_from_itself() -> None:
    run = recorded(0.1, "aaa")
    assert str(nbtrail.diff(run, run)).endswith("Nothing is different.")
