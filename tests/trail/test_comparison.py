"""Two runs that were written to a store by hand: what differs, and where first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nbtrail
from nbtrail import tracking
from nbtrail.entities import Difference, Run
from nbtrail.store import Store
from nbtrail.trail.comparison import Comparison
from nbtrail.trail.likeness import Tolerance
from nbtrail.trail.reproduction import first_difference

SOURCES = {"load": "x = load()", "scale": "y = x * 2", "fit": "acc = fit(y)"}
NUMBERS = {name: number for number, name in enumerate(SOURCES, start=1)}


class Recorded:
    """One run with a trail of three cells, each of which reads what the one before has bound.

    They have the numbers from `first` on.
    """

    def __init__(self, store: Store, first: int = 1) -> None:
        self.store = store
        self._first = first
        self.run = nbtrail.start_run()
        self.run_id = self.run.run_id
        self.executions: dict[str, int] = {}
        self._session = store.trails.start_session(0, None, None).session_id

    def cell(
        self, name: str, *outputs: dict[str, Any], reads: tuple[str, ...] = (), **names: str
    ) -> None:
        """Execute a cell; `names` are those that it binds, with their fingerprints."""
        one = self.store.trails.begin(self._session, len(self.executions), name, SOURCES[name], 0)
        self.executions[name] = one
        binder = max((e for e in self.executions.values() if e != one), default=None)
        count = self._first + len(self.executions) - 1
        self.store.trails.end(
            one, "ok", execution_count=count, duration=0.1, error=None, outputs=outputs,
            reads=dict.fromkeys(reads, binder), writes=list(names), opaque=None,
            fingerprints=names,
        )  # fmt: skip
        self.store.trails.attach(self.run_id, [one], "own")
        tracking.process.execution = one

    def done(self) -> Run:
        tracking.process.execution = None
        nbtrail.end_run()
        self.store.drain()
        return self.store.runs.get(self.run_id)


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: str) -> dict[str, Any]:
    named = {kind.replace("_", "/"): content for kind, content in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


def record(store: Store, x: str = "1", acc: float = 0.9, **more: Any) -> Run:
    """Make a run; `more` says what is special in it."""
    run = Recorded(store, more.get("first", 1))
    run.cell("load", *more.get("outputs", ()), x=x)
    if "data" in more:
        dataset = nbtrail.data.from_numpy(np.array(more["data"]), name="wine")
        nbtrail.log_input(dataset, "training")
    nbtrail.log_params({"lr": more.get("lr", "0.1")})
    run.cell("scale", reads=("x",), y=f"{x}+")
    run.cell("fit", reads=("y",), acc=str(acc))
    for step, value in enumerate(more.get("losses", ())):
        nbtrail.log_metric("loss", value, step)
    nbtrail.log_metric("acc", acc)
    for key in more.get("metrics", ()):
        nbtrail.log_metric(key, 1.0)
    for path, text in more.get("files", {}).items():
        nbtrail.log_text(text, path)
    return run.done()


def compare(store: Store, a: Run, b: Run, tolerance: Tolerance | None = None) -> list[Difference]:
    return Comparison(store, a, b, NUMBERS, tolerance or Tolerance()).differences()


def test_equal_runs_differ_in_nothing(store: Store) -> None:
    special = {"outputs": [stream("0.5\n"), stream("slow", "stderr")], "losses": [2.0, 1.0],
               "data": [1, 2], "files": {"a.txt": "0.5"}}  # fmt: skip
    other = {**special, "outputs": [stream("0.5\n"), stream("slower", "stderr")]}
    assert compare(store, record(store, **special), record(store, **other)) == []


def test_a_metric_that_diverged_is_traced_to_where_the_values_part(store: Store) -> None:
    (found,) = compare(store, record(store), record(store, x="2", acc=0.8))
    assert found == Difference(
        "metric", "acc", 0.9, 0.8, cell=1, cell_id="load", cause="x"
    )  # fmt: skip
    attempt = nbtrail.entities.Attempt("run", "diverged", [found])
    assert first_difference(attempt) == (
        "First in cell 1 (load): `x` stands for something else; acc was 0.9 and is 0.8."
    )


def test_a_metric_alone_diverges_in_its_own_cell(store: Store) -> None:
    (found,) = compare(store, record(store), record(store, acc=0.8))
    assert (found.cell, found.cell_id, found.cause, found.step) == (3, "fit", None, None)


def test_a_value_of_which_nothing_is_known_is_no_cause(store: Store) -> None:
    (found,) = compare(store, record(store, x=""), record(store, x="2", acc=0.8))
    assert (found.cell_id, found.cause) == ("scale", "y")


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([3.0, 2.0, 1.0], None),
        ([3.0, 2.1, 1.1], (1, 2.0, 2.1)),
        ([3.0, 2.0], (2, 1.0, None)),
        ([3.0, 2.0, 1.0, 0.5], (3, None, 0.5)),
    ],
)
def test_curves_are_compared_point_by_point(
    store: Store, losses: list[float], expected: tuple[Any, ...] | None
) -> None:
    found = compare(store, record(store, losses=[3.0, 2.0, 1.0]), record(store, losses=losses))
    told = [(one.step, one.original, one.reproduced) for one in found]
    assert told == ([expected] if expected else [])


def test_within_the_tolerance_the_farthest_point_is_told(store: Store) -> None:
    a = record(store, losses=[3.0, 2.0, 1.0])
    b = record(store, losses=[3.001, 2.003, 1.002])
    (found,) = compare(store, a, b, Tolerance(0, {"loss": 0.01}))
    assert (found.within, found.step, found.reproduced) == (True, 1, 2.003)
    (found,) = compare(store, a, b)
    assert (found.within, found.step, found.reproduced) == (False, 0, 3.001)


def test_metrics_may_be_missing_or_new(store: Store) -> None:
    found = compare(store, record(store, metrics=["f1"]), record(store, metrics=["auc"]))
    assert [(one.key, one.original, one.reproduced) for one in found] == [
        ("f1", 1.0, None), ("auc", None, 1.0),
    ]  # fmt: skip


def test_times_and_the_machine_are_left_aside(store: Store) -> None:
    keys = ["mean_fit_time", "std_score_time", "system/cpu_utilization_percentage"]
    assert compare(store, record(store, metrics=keys), record(store)) == []


def test_points_of_executions_that_were_superseded_do_not_count(store: Store) -> None:
    run = Recorded(store)
    run.cell("fit", acc="1")
    nbtrail.log_metric("acc", 0.3)
    run.cell("fit", acc="2")
    nbtrail.log_metric("acc", 0.9)
    first = run.done()
    again = Recorded(store)
    again.cell("fit", acc="2")
    nbtrail.log_metric("acc", 0.9)
    assert compare(store, first, again.done()) == []


def test_params_and_data_belong_to_their_cells(store: Store) -> None:
    a, b = record(store, lr="0.1", data=[1, 2]), record(store, lr="0.2", data=[1, 3])
    found = compare(store, a, b)
    assert [(one.kind, one.key, one.cell_id) for one in found] == [
        ("data", "wine (training)", "load"), ("param", "lr", "load"),
    ]  # fmt: skip
    assert found[1].original, found[1].reproduced == ("0.1", "0.2")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([stream("a 0.5\nb\n")], [stream("a 0.5\n"), stream("b\n")], None),
        ([stream("a\nacc 0.5\n")], [stream("a\nacc 0.6\n")], ("stdout", "acc 0.5", "acc 0.6")),
        ([stream("a\n")], [], ("stdout", "a", None)),
        ([], [stream("a\n")], ("stdout", None, "a")),
        (
            [shown(image_png="iVBO", text_plain="<Figure>")],
            [shown(image_png="iVBP", text_plain="<Figure>")],
            ("image/png",),
        ),
        (
            [shown(text_html="<b id='1'>", text_plain="1")],
            [shown(text_html="<b id='2'>", text_plain="1")],
            None,
        ),
    ],
)
def test_outputs(store: Store, before: Any, after: Any, expected: tuple[Any, ...] | None) -> None:
    found = compare(store, record(store, outputs=before), record(store, outputs=after))
    if expected is None:
        assert found == []
    elif expected[0] == "image/png":
        assert [(one.key, len(one.original), len(one.reproduced)) for one in found] == [
            ("image/png", 12, 12)
        ]
    else:
        assert [(one.key, one.original, one.reproduced) for one in found] == [expected]
        assert found[0].cell_id == "load"


def test_artifacts_are_compared_by_content_and_texts_by_their_numbers(store: Store) -> None:
    before = {"same.txt": "a", "close.json": '{"a": 0.5}', "other.txt": "a", "gone.txt": "a"}
    after = {"same.txt": "a", "close.json": '{"a": 0.5000000001}', "other.txt": "b", "new.txt": ""}
    found = compare(store, record(store, files=before), record(store, files=after))
    assert {(one.key, one.within, one.reproduced is None) for one in found} == {
        ("close.json", True, False), ("other.txt", False, False), ("gone.txt", False, True),
    }  # fmt: skip
    assert all(one.kind == "artifact" and len(one.original) == 12 for one in found)


def test_what_cells_have_displayed_is_found_though_their_numbers_are_other_ones(
    store: Store,
) -> None:
    before = {"figures/cell-1-1.plotly.json": "0.5", "figures/cell-1-2.svg": "id1",
              "tables/cell-2-1.json": "a", "tables/cell-3-1.json": "b",
              "figures/cell-9-1.png": "of an execution that was superseded"}  # fmt: skip
    after = {"figures/cell-5-1.plotly.json": "0.5", "tables/cell-6-1.json": "c",
             "tables/cell-2-1.json": "a"}  # fmt: skip
    found = compare(store, record(store, files=before), record(store, files=after, first=5))
    assert {(one.key, one.reproduced is None) for one in found} == {
        ("tables/cell-2-1.json", False), ("tables/cell-3-1.json", True),
    }  # fmt: skip


def test_what_track_says_of_runs_is_not_compared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "nbtrail ended the run wise-owl-3.\nnbtrail started the run {}. '%track end' ends it.\n"
    before, after = ([stream(f"{names.format(name)}0.5\n")] for name in ("sly-fox-1", "shy-ox-2"))
    assert compare(store, record(store, outputs=before), record(store, outputs=after)) == []
    monkeypatch.setitem(SOURCES, "load", "%track why acc\n%track check\n")
    asked = [stream("[5] acc\n")], [stream("[6] acc\n")]
    assert compare(store, *(record(store, outputs=outputs) for outputs in asked)) == []
    monkeypatch.setitem(SOURCES, "load", f"{'%track ' * 50}\nacc")
    (found,) = compare(store, *(record(store, outputs=outputs) for outputs in asked))
    assert found.kind == "output"
