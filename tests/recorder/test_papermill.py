"""Through papermill a notebook leaves the trail that it leaves in JupyterLab: session 17."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest

from nbtrail import projects
from nbtrail.entities import CellExecution, Run
from nbtrail.store import open_store
from recorder.kernel import Notebook, params

CELLS = {
    "load": ("%load_ext nbtrail", []),
    "setup": ("lr = 0.1\nepochs = 3", ["parameters"]),
    "train": (
        "import nbtrail\nfor step in range(epochs):\n"
        "    nbtrail.log_metric('loss', lr / (step + 1), step=step)\nprint('done')",
        [],
    ),
    "judge": ("final_score = 1.0 - lr", ["slow"]),
}


def write(path: Path, leave_out: str = "") -> Path:
    cells = []
    for identity, (source, tags) in CELLS.items():
        if identity != leave_out:
            cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags} if tags else {})
            cell["id"] = identity
            cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, path)
    return path


def comparable(trail: list[CellExecution]) -> list[tuple[object, ...]]:
    return [
        (e.cell_id, e.source, e.status, e.tags, e.role, sorted(e.reads), e.writes, e.metrics,
         [output["output_type"] for output in e.outputs])
        for e in trail
        if "injected-parameters" not in e.tags
    ]  # fmt: skip


@pytest.fixture
def executed(tmp_path: Path) -> tuple[Run, list[CellExecution]]:
    """The notebook through papermill, with another `lr`."""
    store = open_store(tmp_path / "papermill" / ".nbtrail")
    run = projects.run_notebook(
        write(tmp_path / "book.ipynb"), {"lr": "0.3"}, store=store, progress=False
    )
    return run, store.trails.executions(run.info.run_id)


def test_an_injected_value_overrides_the_default(
    executed: tuple[Run, list[CellExecution]],
) -> None:
    run, trail = executed
    assert params(run) == {"lr": "0.3", "epochs": "3"}
    assert params(run, "injected") == {"lr": "0.3"}
    assert run.data.metrics == {"loss": pytest.approx(0.1), "final_score": pytest.approx(0.7)}
    assert (run.info.status, run.info.kind) == ("FINISHED", "explicit")
    assert [e.cell_id for e in trail if "injected-parameters" in e.tags] == [
        "nbtrail-injected-parameters"
    ]


def test_the_trail_is_that_of_jupyterlab(
    tmp_path: Path, executed: tuple[Run, list[CellExecution]]
) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    book = Notebook(folder)
    book.run("load", "%load_ext nbtrail")
    book.run("start", "%track start by-hand")
    for identity, (source, tags) in list(CELLS.items())[1:]:
        book.run(identity, source, tags)
    (run,) = book.runs
    by_hand = [e for e in book.trail(run) if e.cell_id != "start"]
    book.close()
    in_papermill = [e for e in executed[1] if e.cell_id != "load"]
    assert comparable(by_hand) == comparable(in_papermill)


def test_a_notebook_without_the_extension_is_recorded_too(tmp_path: Path) -> None:
    store = open_store(tmp_path / "papermill" / ".nbtrail")
    path = write(tmp_path / "book.ipynb", leave_out="load")
    run = projects.run_notebook(path, {}, store=store, progress=False)
    assert params(run) == {"lr": "0.1", "epochs": "3"}
    assert [e.cell_id for e in store.trails.executions(run.info.run_id)] == [
        "setup", "train", "judge",
    ]  # fmt: skip


def test_nothing_is_said_of_the_panel_that_is_not_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    book = write(tmp_path / "book.ipynb")
    papermill.execute_notebook(book, tmp_path / "executed.ipynb", progress_bar=False)
    projects.run_notebook(book, store=open_store(tmp_path / ".nbtrail"), progress=False)
    assert "comm" not in caplog.text
