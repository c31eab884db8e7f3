"""Cells that try the recorder: the cell behaves, and what comes after it is recorded."""

from __future__ import annotations

import shutil
import sqlite3
from typing import Any

import pytest

from recorder.kernel import Notebook, params


def line(outputs: list[dict[str, Any]]) -> str:
    return "".join(
        output["data"]["text/plain"]
        for output in outputs
        if "nbtrail" in output.get("metadata", {})
    )


ODD_CELLS = {
    "a key that is no name": "globals()[1] = 2",
    "a class that lies": (
        "class Lazy:\n    @property\n    def __class__(self):\n"
        "        print('evaluated'); raise RuntimeError\nlazy = Lazy()"
    ),
    "a metaclass that lies": (
        "class Meta(type):\n    def __getattribute__(cls, name):\n        raise RuntimeError\n"
        "class Odd(metaclass=Meta): pass\nodd_loss = object.__new__(Odd)"
    ),
    "a key that raises": (
        "class S(str):\n    def startswith(self, *a):\n        raise RuntimeError\n{S('acc'): 0.5}"
    ),
    "a huge int": "n = 0x" + "F" * 5000 + "\nodd_acc = (n % 7) * 0.1",
    "half a character": r"seed = '\ud800'" + "\nodd_acc = len(seed) * 0.1",
    "an exception without text": (
        "class E(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise E"
    ),
    "half a character in an exception": r"raise ValueError('\ud800')",
    "a deep expression": "df = None\nx = lambda: df" + ".a(1)" * 300,
    "many branches": "x = 0\nif x: pass\n" + "".join(f"elif x == {i}: pass\n" for i in range(300)),
    "nested comprehensions": "x = " + "[i for i in " * 14 + "[1]" + "]" * 14,
}


def test_what_comes_after_an_odd_cell_is_recorded(notebook: Notebook) -> None:
    for number, (name, source) in enumerate(ODD_CELLS.items()):
        outputs = notebook.run(f"odd-{number}", source)
        assert "evaluated" not in str(outputs), name
        notebook.run(f"after-{number}", f"acc_{number} = {number} / 2")
        assert notebook.runs[-1].info.status == "FINISHED", name
        assert f"acc_{number}" in notebook.runs[-1].data.metrics, name


def test_an_interrupt_leaves_no_transaction_open(notebook: Notebook) -> None:
    for _ in range(5):
        notebook.send(
            "loop",
            "import nbtrail\ni = 0\nwhile True:\n    nbtrail.set_tag('t', i)\n    i += 1\n"
            "    if i == 9: print('begun', flush=True)",
        )
        notebook.wait_for("begun")
        notebook.interrupt()
        assert notebook.outputs()[-1]["data"]["text/plain"].startswith("nbtrail: ")
        assert notebook.runs[-1].info.status == "KILLED"
    with sqlite3.connect(notebook.folder / ".nbtrail/nbtrail.db", timeout=1) as other:
        other.execute("update run set user = user")


def test_a_store_that_is_taken_away_is_told_and_made_anew(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1\nacc = lr / 2")
    # Renamed first: the kernel may be writing a file into it while the folder is emptied.
    shutil.rmtree((notebook.folder / ".nbtrail").rename(notebook.folder / "taken"))
    told = line(notebook.run("b", "loss = lr / 4"))
    assert "is gone" in told
    (run,) = notebook.runs
    assert run.data.metrics == {"loss": 0.025}
    assert params(run) == {"lr": "0.1"}
    assert [e.cell_id for e in notebook.trail(run)] == ["a", "b"]


def test_a_store_that_cannot_be_made_is_told_with_what_to_do(notebook: Notebook) -> None:
    (notebook.folder / ".nbtrail").touch()
    outputs = notebook.run("a", "acc = 1 / 2\nprint(acc)")
    assert outputs[0]["text"] == "0.5\n"
    assert "NBTRAIL_TRACKING_URI" in line(outputs)


def test_the_store_is_where_the_notebook_is_whatever_the_current_directory(
    notebook: Notebook,
) -> None:
    notebook.run("a", "import os; os.mkdir('sub'); os.chdir('sub'); acc = 1 / 2")
    assert notebook.runs[0].data.metrics == {"acc": 0.5}
    assert not (notebook.folder / "sub/.nbtrail").exists()


def test_modules_keep_what_they_are_set_and_nothing_else(notebook: Notebook) -> None:
    notebook.run("imports", "import time, random")
    notebook.run("a", "junk = 7\ntime.sleep(junk / 10000)")
    notebook.run("b", "seed = 3\nrandom.seed(seed)")
    notebook.run("c", "lr = 0.1\nacc = lr * random.random()\ntime.sleep(0.001)")
    (run,) = notebook.runs
    assert params(run) == {"lr": "0.1", "seed": "3"}
    assert [e.cell_id for e in notebook.trail(run)] == ["imports", "b", "c"]


def test_a_mistake_in_start_run_ends_no_run(notebook: Notebook) -> None:
    notebook.run("a", "import nbtrail\nacc = 1 / 2")
    for wrong in ("run_id='nope'", "experiment_id='77'"):
        assert notebook.run("b", f"nbtrail.start_run({wrong})")[0]["ename"] == "NotFound"
    notebook.run("c", "loss = 1 / 4")
    (run,) = notebook.runs
    assert run.data.metrics == {"acc": 0.5, "loss": 0.25}


def test_a_run_started_after_a_result_of_the_same_cell(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "import nbtrail\nnbtrail.log_metric('a', 1)\nwith nbtrail.start_run():\n    loss = 1 / 4",
    )
    assert [(run.info.status, run.data.metrics) for run in notebook.runs] == [
        ("FINISHED", {"a": 1.0}), ("FINISHED", {"loss": 0.25}),
    ]  # fmt: skip


def test_what_was_cleared_is_not_kept(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "from IPython.display import clear_output, display, HTML\nacc = 1 / 2\n"
        "for i in range(5):\n    clear_output(wait=True)\n    display(HTML(str(i)))",
    )
    outputs = notebook.trail(notebook.runs[0])[0].outputs
    assert [output["data"]["text/html"] for output in outputs] == ["4"]


@pytest.mark.parametrize("variable", ["NBTRAIL_RUN_ID", "MLFLOW_RUN_ID"])
def test_a_run_of_the_environment_that_is_not_there(notebook: Notebook, variable: str) -> None:
    notebook.run("a", f"%unload_ext nbtrail\nimport os; os.environ['{variable}'] = 'elsewhere'")
    assert "There is no run 'elsewhere'" in line(notebook.run("b", "%load_ext nbtrail"))
    notebook.run("c", "acc = 1 / 2")
    assert notebook.runs[0].data.metrics == {"acc": 0.5}
