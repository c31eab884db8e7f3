"""Every example notebook runs, through papermill and the recorder, and is kept clean."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from nbtrail import projects
from nbtrail.store import Store

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
FASTER = {"training": {"pause": 0.0}}
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@every_notebook
def test_it_runs_and_records(path: Path, store: Store) -> None:
    run = projects.run_notebook(path, FASTER.get(path.stem, {}), store=store, progress=False)

    assert run.info.status == "FINISHED"
    assert 0.9 < run.data.metrics["accuracy"] <= 1
    assert {parameter.name for parameter in projects.parameters(path)} <= run.data.params.keys()
    cells = [cell["id"] for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    recorded = [e.cell_id for e in store.trails.executions(run.info.run_id)]
    assert [cell for cell in recorded if cell in cells] == cells


def test_the_training_loop_logs_each_step_once(notebooks: Path, store: Store) -> None:
    given = {"steps": 30, "pause": 0.0}
    run = projects.run_notebook(notebooks / "training.ipynb", given, store=store, progress=False)

    history = store.metrics.history(run.info.run_id, "loss")
    assert [point.step for point in history] == list(range(30))
    assert history[-1].value < history[0].value


@every_notebook
def test_it_is_stored_clean(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z][a-z-]+", cell["id"]), "a stable id that a person chose"
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


def test_the_quickstart_knows_nbtrail_in_its_first_cell_only(notebooks: Path) -> None:
    notebook = nbformat.read(notebooks / "quickstart.ipynb", 4)
    first, *others = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert first == "%load_ext nbtrail"
    assert not [source for source in others if "nbtrail" in source]
