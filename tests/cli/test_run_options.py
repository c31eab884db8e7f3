"""`nbtrail run` without a store, without execution, with a limit, and ended by SIGTERM."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.store import Store
from projects.conftest import WINE
from store import scripts

from .test_run import PYTHON, command

CELLS = (
    "lr = 0.1\nseconds = 0",
    "import nbtrail, time\nnbtrail.log_metric('loss', lr)\nprint('lr is', lr)",
    "open('started', 'w').write('now'); time.sleep(seconds)",
)


@pytest.fixture
def notebook(workdir: Path) -> Path:
    cells = [new_code_cell(source) for source in CELLS]
    path = workdir / "train.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": PYTHON}), path)
    return path


def test_without_a_store_nothing_is_made(invoke: Any, notebook: Path, workdir: Path) -> None:
    result = invoke("run", notebook, "-P", "lr=0.5", "--no-track", "--report", "-o", "done.ipynb")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "FINISHED, not recorded. The executed notebook is done.ipynb." in result.stdout
    assert {one.name for one in workdir.iterdir()} == {"train.ipynb", "done.ipynb", "started"}
    done = nbformat.read(workdir / "done.ipynb", as_version=4)
    assert "lr is 0.5\n" in [one.text for cell in done.cells for one in cell.outputs]
    assert all(cell.metadata.jupyter.source_hidden for cell in done.cells)

    failed = invoke("run", WINE, "-e", "fail", "--no-track")
    assert failed.exit_code == 1
    assert failed.stderr == "Error: wine, entry point fail: exit status 3: about to fail.\n"
    assert not (workdir / ".nbtrail").exists()
    assert not (WINE / ".nbtrail").exists()


def test_a_limit_of_time_fails_a_cell_and_a_command(
    invoke: Any, notebook: Path, store: Store
) -> None:
    arguments = ("-P", "seconds=600", "--timeout", 4, "-o", "part.ipynb")
    result = invoke("run", notebook, *arguments)
    assert result.exit_code == 1
    assert "stopped in cell 4 (it took longer than 4 s)" in result.stderr
    assert "lr is 0.1" in Path("part.ipynb").read_text()
    result = invoke("run", WINE, "-e", "wait", "--timeout", 1)
    assert "entry point wait: it took longer than 1 s. What it printed is in" in result.stderr
    statuses = [run.info.status for run in store.runs.search()[0]]
    assert statuses == ["FAILED", "FAILED"]


@pytest.mark.parametrize("kind", ["command", "notebook"])
def test_sigterm_leaves_a_run_that_has_ended(
    notebook: Path, store: Store, workdir: Path, kind: str
) -> None:
    if kind == "command":
        process = command("run", WINE, "-e", "wait")
        scripts.wait_for(process, "waiting")
    else:
        process = command("run", notebook, "-P", "seconds=600")
        while process.poll() is None and not (workdir / "started").exists():
            time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=90)
    assert process.returncode == 143
    [run], _ = store.runs.search()
    assert (run.info.status, run.info.error) == ("KILLED", "Interrupted")


def test_prepared_only(invoke: Any, notebook: Path, workdir: Path) -> None:
    result = invoke("run", notebook, "-P", "lr=0.5", "--prepare-only", "-o", "ready.ipynb")
    assert result.stdout == "train.ipynb: kernel python3, environment local\n  lr = 0.5\n"
    ready = nbformat.read(workdir / "ready.ipynb", as_version=4)
    assert "lr = 0.5" in [line for cell in ready.cells for line in cell.source.split("\n")]
    assert not any(cell.outputs for cell in ready.cells)
    shown = invoke("run", WINE, "-P", "l1_ratio=1", "-P", "note=a b", "--prepare-only").stdout
    assert "--alpha 0.5 --l1-ratio 1" in shown
    assert "--note 'a b'" in shown
    assert {one.name for one in workdir.iterdir()} == {"train.ipynb", "ready.ipynb"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-o", "none/done.ipynb"), "There is no folder"),
        (("-o", "train.ipynb"), "is the notebook itself"),
        (("-o", "."), "is a folder: name a file"),
        (("--timeout", "0"), "0 is not in the range"),
        (("--prepare-only", "-P", "lrr=1"), "Did you mean 'lr'?"),
        (("--background", "--no-track"), "What runs in the background is recorded"),
        (("--background", "--no-track", "--grid", "lr=1"), "Only a notebook is run over a grid"),
    ],
)
def test_a_mistake_is_one_sentence(
    invoke: Any, notebook: Path, workdir: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    result = invoke("run", notebook, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
