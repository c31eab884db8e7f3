"""The rules of the verdict, on sessions without a kernel: names, fingerprints and words."""

from __future__ import annotations

from typing import Any

import pytest

from nbtrail.entities import Document, DocumentCell, Verdict
from nbtrail.trail.lineage import Lineage, Step
from nbtrail.trail.names import analyse
from nbtrail.trail.verdict import judge, to_run_again


class Session:
    """Executes cells as the recorder would see them; values are their own fingerprints."""

    def __init__(self, **cells: str) -> None:
        self.cells = cells
        self.lineage = Lineage()
        self.known: dict[str, str] = {}

    def run(self, *cells: str, values: dict[str, Any] | None = None, failure: str = "") -> Step:
        for cell in cells:
            names = analyse(self.cells[cell])
            step = self.lineage.begin(cell, names, self.known, self.cells[cell])
            step.succeeded, step.failure, step.count = (
                not failure,
                failure or None,
                step.ordinal + 1,
            )
            bound = set() if failure else names.binds
            inputs = sorted(self.known.get(name, "") for name in step.reads)
            self.known |= dict.fromkeys(bound | names.mutates, f"{self.cells[cell]}{inputs}")
            self.known |= {name: str(value) for name, value in (values or {}).items()}
            self.lineage.end(step, bound, names.mutates, set(), self.known)
        return step

    def judge(self, **changes: str | None) -> Verdict:
        cells = {one: text for one, text in (self.cells | changes).items() if text is not None}
        document = [DocumentCell(one, "code", text) for one, text in cells.items()]
        document.insert(1, DocumentCell("text", "markdown", "# Title"))
        result = self.lineage.steps[-1].ordinal
        self.document = Document("live", document)
        return judge(self.lineage, [result], self.document)

    def told(self, **changes: str | None) -> list[tuple[str, str]]:
        return [(one.kind, one.text) for one in self.judge(**changes).findings]


ABC = {"a": "x = 1", "b": "y = x + 1", "c": "score = y / 2"}


def test_a_session_as_it_stands_is_linear() -> None:
    book = Session(**ABC, d="later = 1")
    book.run("a", "b", "c")
    assert book.judge() == Verdict("linear", [], "live")


def test_equal_values_from_another_order_are_linear() -> None:
    book = Session(**ABC)
    book.run("b", values={"y": "early"})
    book.run("a", "b", "c")
    assert book.judge() == Verdict("linear", [], "live")


def test_blanks_and_comments_are_no_edit() -> None:
    book = Session(**ABC)
    book.run("a", "a", "b", "c")
    assert book.told(b="y = x+1  # the sum\n") == []
    assert book.told(b="y = x + 2") == [
        (
            "stale-inputs",
            "cell 3 read `y` from execution [3] of cell 2, which was edited afterwards",
        )
    ]


def test_all_findings_are_kept_and_the_first_rule_decides() -> None:
    book = Session(**ABC, d="z = _ + score")
    book.run("a", "b", "c", "d")
    book.run("d")
    found = book.judge(a=None, b="y = 3")
    assert found.verdict == "unknown"
    assert [one.kind for one in found.findings] == [
        "unknown", "hidden-state", "stale-inputs",
    ]  # fmt: skip
    assert found.findings[1].text.endswith("of a cell, which is not in the notebook any more")


def test_the_last_execution_of_a_cell_counts() -> None:
    book = Session(**ABC)
    book.run("a", "b")
    book.run("a", values={"x": "other"})
    book.run("c")
    assert book.told() == [
        (
            "stale-inputs",
            "cell 2 read `x` from execution [1] of cell 1, which ran again afterwards ([3]) "
            "and gave another value",
        )
    ]
    assert to_run_again(book.lineage, [3], book.document) == [2, 3]


def test_a_pasted_cell_is_the_same_cell() -> None:
    book = Session(**ABC)
    book.run("a", "b", "b", "c")
    assert book.told(a="x = 1", b=None, pasted=None) != []
    cells = {"a": ABC["a"], "pasted": ABC["b"], "c": ABC["c"]}
    document = Document("live", [DocumentCell(one, "code", cells[one]) for one in cells])
    assert judge(book.lineage, [3], document).verdict == "linear"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("note = 'x'", "linear"),
        ("import math", "linear"),
        ("def f(): return 1", "linear"),
        ("# nothing\n%matplotlib inline", "linear"),
        ("x = 5", "out-of-order"),
        ("launch()", "unknown"),
        ("x.y", "unknown"),
    ],
)
def test_a_cell_that_never_ran(source: str, verdict: str) -> None:
    book = Session(a="x = 1", new=source, c="score = x / 2")
    book.run("a", "c")
    assert book.judge().verdict == verdict


def test_a_cell_at_which_run_all_would_stop() -> None:
    book = Session(a="x = 1", bad="1 / 0", c="score = x / 2")
    book.run("a")
    book.run("bad", failure="ZeroDivisionError: division by zero")
    book.run("c")
    assert book.told() == [
        (
            "unknown",
            "cell 2 ended with ZeroDivisionError: division by zero: run-all would stop there",
        )
    ]
    assert book.told(bad="x") == [
        ("unknown", "cell 2 stands above the result and was edited after it ran")
    ]


def test_a_result_that_failed_would_fail_again_and_one_interrupted_would_not() -> None:
    book = Session(a="score = train()")
    book.run("a", failure="ValueError: no")
    assert book.judge().verdict == "linear"
    book = Session(a="score = train()")
    book.run("a", failure="KeyboardInterrupt: ")
    assert book.told() == [("unknown", "cell 1 was interrupted")]
    book = Session(a="wait()", c="score = 1 / 2")
    book.run("a", failure="KeyboardInterrupt: ")
    book.run("c")
    assert book.told() == [("unknown", "cell 1 stands above the result and was interrupted")]


def test_another_value_from_the_same_inputs() -> None:
    book = Session(a="x = draw()", c="score = x / 2")
    book.run("a", values={"x": 1})
    book.run("a", values={"x": 2})
    book.run("c")
    assert book.told() == [
        ("unknown", "cell 1 gave another `x` each time, from what seems the same")
    ]


def test_what_a_thread_binds_is_from_outside() -> None:
    book = Session(a="x = 1", c="score = x / 2")
    book.run("a")
    book.lineage.bound_outside({"x"})
    book.run("c")
    assert book.told() == [("hidden-state", "cell 2 read `x`, which no recorded cell had bound")]


def test_a_cell_beside_the_way_that_finds_nothing() -> None:
    book = Session(a="n = 1", b="n = n + 1", c="score = 5 / 2")
    book.run("a", "b", "b", "c")
    assert book.told() == []
    assert book.told(a=None) == [
        (
            "hidden-state",
            "cell 1 read `n` from a cell, which is not in the notebook any more: "
            "run-all would stop there",
        )
    ]
