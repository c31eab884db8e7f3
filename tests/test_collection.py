"""The collection of notebooks below `tests/notebooks/`: each leaves what a person expects of it.

Each is executed cell by cell with and without nbtrail, by papermill, and as the slices of its
metrics, each time in a kernel of its own.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from nbtrail import projects
from nbtrail.cli import main
from nbtrail.entities import CellExecution, Run
from nbtrail.store import Store, open_store
from notebooks import expectations
from notebooks.documents import FOLDER, LOAD, Document
from notebooks.expectations import Other, expected
from notebooks.kernels import PLAIN, RECORDED, execute, let_jupyter_fork

NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
SAMPLE = NAMES[::4]
every = pytest.mark.parametrize("executed", NAMES, indirect=True)
# Of the others, what takes long is seen by `make test-full` only.
deeply = pytest.mark.parametrize(
    "executed",
    [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.full) for name in NAMES],
    indirect=True,
)
SESSIONS = [(name, other) for name in NAMES for other in expected(name).sessions]


@pytest.fixture(scope="module", autouse=True)
def forked() -> Iterator[None]:
    """Papermill's kernels are forked, too."""
    with pytest.MonkeyPatch.context() as patch:
        let_jupyter_fork(patch)
        patch.setenv("NBTRAIL_SYSTEM_METRICS", "false")  # they depend on the clock
        yield


@dataclass(frozen=True)
class Executed:
    """A notebook that was executed from top to bottom by hand; `store` is None if it made none."""

    name: str
    folder: Path
    store: Store | None
    outputs: list[list[dict[str, Any]]]

    @functools.cached_property
    def session(self) -> list[CellExecution]:
        """All executions of its kernel."""
        return _session(self.store) if self.store else []

    @property
    def runs(self) -> list[Run]:
        """Its runs, the oldest first; candidates of searches left out."""
        found = expectations.runs(self.store) if self.store else []
        return [run for run in found if expectations.PARENT not in run.data.tags]


@pytest.fixture(scope="module")
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Executed:
    folder = tmp_path_factory.mktemp(request.param)
    document = Document(request.param, folder / "by-hand" / f"{request.param}.ipynb")
    cells = document.perform([cell["id"] for cell in document.code])
    _, outputs = execute(document.file, cells, RECORDED)
    place = document.file.parent / ".nbtrail"
    return Executed(request.param, folder, open_store(place) if place.exists() else None, outputs)


@pytest.fixture(scope="module")
def by_papermill(executed: Executed) -> tuple[Store, Run]:
    """The same notebook, executed by papermill; runs that its cells opened are not returned."""
    file = executed.folder / "papermill" / f"{executed.name}.ipynb"
    return _run(Document(executed.name, file).file, {})


def _run(file: Path, values: dict[str, Any]) -> tuple[Store, Run]:
    store = open_store(file.parent / ".nbtrail")
    return store, projects.run_notebook(file, values, store=store, progress=False)


def _session(store: Store) -> list[CellExecution]:
    """Return all executions of the one session in a store."""
    trails = [store.trails.executions(run.info.run_id) for run in expectations.runs(store)]
    return store.trails.session_executions(next(one for one in trails if one)[0].session_id)


def test_the_collection_is_large_and_each_notebook_has_its_expectation() -> None:
    code = {name: len(Document(name, Path(f"{name}.ipynb")).code) for name in NAMES}
    assert len(NAMES) >= 25
    assert sum(cells >= 15 for cells in code.values()) >= 10
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_clean(name: str) -> None:
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z][a-z-]*", cell["id"]), "a stable id that a person chose"
        assert cell.cell_type != "code" or not (cell.outputs or cell.execution_count)


@every
def test_it_leaves_the_runs_that_a_person_expects(executed: Executed) -> None:
    wanted = expected(executed.name)
    found = [expectations.run_of(executed.store, run) for run in executed.runs if executed.store]
    assert found == [expectations.wanted_run(run) for run in wanted.runs]
    shown = {cell: ran.figures for cell, ran in expectations.wanted_trail(wanted)}
    for run, recorded in zip(executed.runs, wanted.runs, strict=True):
        assert expectations.drawn(run) == sum(shown[cell] for cell in recorded.own.split())


@deeply
def test_it_leaves_the_trail_that_a_person_expects(
    executed: Executed, by_papermill: tuple[Store, Run]
) -> None:
    store, _ = by_papermill
    wanted = expectations.wanted_trail(expected(executed.name))
    if executed.store:
        assert expectations.trail_of(executed.session) == wanted
    assert expectations.trail_of(_session(store)) == wanted


@deeply
def test_papermill_leaves_the_same(executed: Executed, by_papermill: tuple[Store, Run]) -> None:
    store, run = by_papermill
    if executed.store:
        assert _comparable(_session(store)) == _comparable(executed.session)
    wanted = expected(executed.name)
    found = expectations.run_of(store, run)
    assert (found["verdict"], found["status"]) == ("linear", "FINISHED")
    if wanted.papermill and wanted.papermill.values:
        file = executed.folder / "with-values" / f"{executed.name}.ipynb"
        store, run = _run(Document(executed.name, file).file, wanted.papermill.values)
        found = expectations.run_of(store, run)
    told = wanted.papermill or next(iter(wanted.runs), None)
    assert found["params"] == (told.params if told else {})
    assert found["metrics"] == expectations.wanted_metrics(told.metrics if told else {})


def _comparable(session: list[CellExecution]) -> list[tuple[Any, ...]]:
    cells = {one.id: one.cell_id for one in session}
    return [
        (one.cell_id, one.source, one.tags, one.status, one.opaque, one.execution_count,
         {name: cells.get(binder or 0) for name, binder in one.reads.items()},
         one.writes, _shown(one.outputs))
        for one in session
    ]  # fmt: skip


@deeply
def test_outputs_are_those_without_nbtrail(executed: Executed) -> None:
    document = Document(executed.name, executed.folder / "plain" / f"{executed.name}.ipynb")
    cells = [LOAD, *document.code]
    plain_cells = [{**cell, "source": _without_magics(cell["source"])} for cell in cells]
    _, outputs = execute(document.file, plain_cells, PLAIN)
    sources = [cell["source"] for cell in cells]
    for source, plain, recorded in zip(sources, outputs, executed.outputs, strict=True):
        if not source.startswith("%track"):
            assert _shown(recorded) == _shown(plain), source


def _without_magics(source: str) -> str:
    """Return what is left of a cell where nobody knows nbtrail's magics."""
    return re.sub(r"(?m)^%(%track\b.*|track\b.*|load_ext nbtrail)$", "pass", source)


def _shown(outputs: list[dict[str, Any]]) -> list[str]:
    """Return outputs as text, without nbtrail's and what differs between any two kernels.

    A stream arrives in pieces that depend on the clock.
    """
    joined: list[dict[str, Any]] = []
    for output in outputs:
        kept = {key: value for key, value in output.items() if key != "transient"}
        own = "nbtrail" in output.get("metadata", {})
        if own or output.get("text", "").startswith("nbtrail records in"):
            continue
        if joined and kept.get("name") == joined[-1].get("name", kept):
            joined[-1] = {**kept, "text": joined[-1]["text"] + kept["text"]}
        else:
            joined.append(kept)
    return [_steady(json.dumps(output, sort_keys=True, ensure_ascii=False)) for output in joined]


def _steady(text: str) -> str:
    text = re.sub(r"\d[\d.e+]* [nµμm]?s\b", "… s", text)
    return re.sub(r"ipykernel_\d+|0x[0-9a-f]+", "…", text)


@deeply
def test_each_slice_gives_its_metrics_again(executed: Executed) -> None:
    cuts: dict[str, set[tuple[str, float]]] = {}
    for run in executed.runs:
        for metric, value in run.data.metrics.items():
            cut = _slice(executed, run, metric)
            cuts.setdefault(cut, set()).add((metric, value))
    begun = [one.source for one in executed.session]
    for number, (cut, metrics) in enumerate(cuts.items()):
        cells = [LOAD, *json.loads(cut)["cells"]]
        if [cell["source"] for cell in cells] == begun[: len(cells)]:
            continue  # it is what was executed
        book, _ = execute(executed.folder / f"slice-{number}" / "slim.ipynb", cells, RECORDED)
        again = expectations.runs(book.store)
        assert metrics <= {one for run in again for one in run.data.metrics.items()}


def _slice(executed: Executed, run: Run, metric: str) -> str:
    """Return the notebook of what a metric needs, as the command line writes it."""
    assert executed.store
    output = Path("slim.ipynb")
    command = ["trail", run.info.run_id, "--slice", metric, "-o", str(output), "--force"]
    result = CliRunner().invoke(
        main, command, env={"NBTRAIL_TRACKING_URI": str(executed.folder / "by-hand" / ".nbtrail")}
    )
    assert result.exit_code == 0, result.output
    cut = output.read_text()
    cells = {cell["id"] for cell in json.loads(cut)["cells"]}
    assert cells.isdisjoint(expected(executed.name).left_out.get(metric, "").split()), metric
    return cut


@pytest.mark.parametrize(
    ("name", "other"), SESSIONS, ids=[f"{name}: {other.about}" for name, other in SESSIONS]
)
def test_another_session_leaves_what_a_person_expects(
    name: str, other: Other, tmp_path: Path
) -> None:
    document = Document(name, tmp_path / f"{name}.ipynb", other.cells)
    book, _ = execute(document.file, document.perform(other.steps), RECORDED)
    store = book.store
    found = expectations.runs(store)
    assert [expectations.run_of(store, run) for run in found] == [
        expectations.wanted_run(run) for run in other.runs
    ]
    for run, recorded in zip(found, other.runs, strict=True):
        if recorded.because:
            assert recorded.because in expectations.reasons(store, run)
