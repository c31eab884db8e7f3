"""%track ignore, param, metric, rename: at once, for the runs that follow, and in the notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat

from nbtrail import projects
from nbtrail.store import open_store
from recorder.kernel import Notebook, params

from .test_track import text


def own_rules(notebook: Notebook) -> dict[str, Any]:
    """The rules as the kernel holds them, and would send them to the front end."""
    source = (
        "from IPython import get_ipython as shell; import json\n"
        "magic = shell().magics_manager.registry['TrackMagics']\n"
        "print(json.dumps(magic._context.recorder.cells.rules._message()['rules']))"
    )
    found: dict[str, Any] = json.loads(text(notebook.run("look", source)))
    return found


def test_ignore_takes_a_metric_and_a_param_out_for_good(notebook: Notebook) -> None:
    notebook.run("a", "lr, depth = 0.1, 3")
    notebook.run("b", "lr = 0.1\ndepth = 3")
    notebook.run("c", "acc = lr * depth; loss = lr / depth")
    assert params(notebook.runs[0]) == {"lr": "0.1", "depth": "3"}
    assert "are left out" in text(notebook.run("d", "%track ignore acc,depth"))
    assert params(notebook.runs[0]) == {"lr": "0.1"}
    assert notebook.runs[0].data.metrics.keys() == {"loss"}
    notebook.run("b", "lr = 0.2\ndepth = 3")
    notebook.run("c", "acc = lr * depth; loss = lr / depth")
    assert params(notebook.runs[1]) == {"lr": "0.2"}
    assert notebook.runs[1].data.metrics.keys() == {"loss"}
    notebook.run("e", "%track metric acc")
    assert notebook.runs[1].data.metrics["acc"] == 0.2 * 3


def test_commas_alone_name_nothing(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1\nacc = 0.5")
    assert "no name between the commas" in text(notebook.run("b", "%track ignore ,"))


def test_ignore_leaves_alone_what_was_logged_by_name(notebook: Notebook) -> None:
    notebook.run("a", "import nbtrail; nbtrail.log_metric('acc', 0.5)")
    notebook.run("b", "%track ignore acc")
    assert notebook.runs[0].data.metrics == {"acc": 0.5}


def test_a_metric_by_another_name_opens_a_run(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1")
    notebook.run("b", "quality = lr * 2")
    assert not (notebook.folder / ".nbtrail").exists()
    said = text(notebook.run("c", "%track metric quality"))
    assert "is recorded as a metric" in said
    (run,) = notebook.runs
    assert run.data.metrics == {"quality": 0.2}
    assert params(run) == {"lr": "0.1"}
    assert [cell.cell_id for cell in notebook.trail(run)] == ["a", "b", "c"]
    assert notebook.verdict(run).verdict == "linear"
    assert "quality = lr * 2" in text(notebook.run("w", "%track why quality"))
    notebook.run("c", "%track metric quality")
    assert [metric.count for metric in notebook.runs[0].data.metric_summaries] == [1]
    notebook.run("b", "quality = lr * 4")
    assert [run.data.metrics for run in notebook.runs] == [{"quality": 0.2}, {"quality": 0.4}]


def test_whole_numbers_are_metrics_when_it_is_said(notebook: Notebook) -> None:
    notebook.run("a", "%track metric hits")
    notebook.run("b", "hits = len('abc')")
    assert notebook.runs[0].data.metrics == {"hits": 3.0}


CONFIG = """
from dataclasses import dataclass
from types import SimpleNamespace
import argparse

@dataclass
class Optimiser:
    lr: float = 0.1
    steps: tuple = (1, 2)

@dataclass
class Config:
    optimiser: Optimiser
    seed: int = 3
    model: object = None

cfg = Config(Optimiser())
args = argparse.Namespace(batch=32)
many = {f"k{number}": number for number in range(30)}
n = len(many)
"""


def test_params_are_read_from_objects(notebook: Notebook) -> None:
    notebook.run("a", CONFIG)
    notebook.run("b", "%track param cfg args many n")
    notebook.run("c", "acc = cfg.optimiser.lr * n")
    found = params(notebook.runs[0])
    assert len([key for key in found if key.startswith("many.")]) == 30
    assert {key: found[key] for key in found if not key.startswith("many.")} == {
        "cfg.optimiser.lr": "0.1", "cfg.optimiser.steps": "(1, 2)", "cfg.seed": "3",
        "cfg.model": "None", "args.batch": "32", "n": "30",
    }  # fmt: skip
    notebook.run("d", "%track ignore many cfg.model")
    assert not any(key in params(notebook.runs[0]) for key in ("many.k1", "cfg.model"))
    told = text(notebook.run("e", "%track param acc Config"))
    assert "no params can be read from `Config`" in told


def test_an_object_that_cannot_be_asked_costs_only_its_own_params(notebook: Notebook) -> None:
    notebook.run("a", "class Odd:\n    def get_params(self, deep): raise SystemError('no')")
    notebook.run("b", "odd = Odd(); lr = 0.5")
    notebook.run("c", "%track param odd lr")
    notebook.run("d", "acc = lr * 2.0")
    assert notebook.runs[0].data.metrics == {"acc": 1.0}
    assert params(notebook.runs[0]) == {"lr": "0.5"}


def test_rename_holds_for_this_run_and_the_next(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1")
    notebook.run("b", "acc = lr * 2")
    assert "recorded as accuracy" in text(notebook.run("c", "%track rename acc accuracy"))
    notebook.run("d", "%track rename lr learning_rate")
    assert notebook.runs[0].data.metrics == {"accuracy": 0.2}
    assert params(notebook.runs[0]) == {"learning_rate": "0.1"}
    notebook.run("a", "lr = 0.2")
    notebook.run("b", "acc = lr * 2")
    assert notebook.runs[1].data.metrics == {"accuracy": 0.4}
    assert params(notebook.runs[1]) == {"learning_rate": "0.2"}
    notebook.run("c", "%track rename acc accuracy")
    assert [metric.count for metric in notebook.runs[1].data.metric_summaries] == [1]
    notebook.run("e", "loss = 1.0 * lr")
    assert "already" in text(notebook.run("f", "%track rename loss accuracy"))
    notebook.run("g", "%track rename accuracy acc")
    assert notebook.runs[1].data.metrics == {"acc": 0.4, "loss": 0.2}
    assert own_rules(notebook) == {"rename": {"lr": "learning_rate"}}


def test_the_next_session_reads_them_from_the_notebook(tmp_path: Path) -> None:
    rules = {"metrics": ["quality"], "ignore": ["acc"]}
    book = {"cells": [], "metadata": {"nbtrail": rules}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(book))
    notebook = Notebook(tmp_path)
    try:
        notebook.run("load", "%load_ext nbtrail")
        assert own_rules(notebook) == rules
        notebook.run("a", "acc = 1.0 / 2; quality = 1.0 / 4")
        assert notebook.runs[0].data.metrics == {"quality": 0.25}
    finally:
        notebook.close()


def test_rules_that_make_no_sense_are_told_and_left_out(tmp_path: Path) -> None:
    book = {"cells": [], "metadata": {"nbtrail": {"ignore": 3}}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(book))
    notebook = Notebook(tmp_path)
    try:
        said = text(notebook.run("load", "%load_ext nbtrail"))
        assert "metadata.nbtrail is left out" in said
        assert own_rules(notebook) == {}
    finally:
        notebook.close()


def test_the_front_end_is_told_of_changes_and_heard(notebook: Notebook) -> None:
    (opened,) = notebook.comms("nbtrail.rules")
    assert opened["data"] == {"rules": {}, "on": True}
    notebook.answer(opened["comm_id"], {"rules": {"ignore": ["loss"]}})
    notebook.run("a", "loss = 1.0 / 2")
    assert not (notebook.folder / ".nbtrail").exists()
    notebook.run("b", "%track metric quality")
    changed = {"rules": {"ignore": ["loss"], "metrics": ["quality"]}, "on": True}
    assert notebook.comms("nbtrail.rules")[-1]["data"] == changed


def test_the_front_end_knows_whether_cells_are_recorded(notebook: Notebook) -> None:
    (opened,) = notebook.comms("nbtrail.rules")
    notebook.run("a", "%track off")
    notebook.run("b", "%track off")
    notebook.run("c", "%track on")
    told = [one["data"] for one in notebook.comms("nbtrail.rules")[1:]]
    assert told == [{"on": False}, {"on": True}]
    notebook.run("d", "%track off")
    notebook.answer(opened["comm_id"], {"rules": {}})  # as a page does that is loaded anew
    assert notebook.told(opened["comm_id"]) == {"on": False}


def test_what_the_front_end_had_before_a_change_does_not_undo_it(notebook: Notebook) -> None:
    (opened,) = notebook.comms("nbtrail.rules")
    notebook.run("a", "%track metric quality")
    notebook.answer(opened["comm_id"], {"rules": {}})
    assert own_rules(notebook) == {"metrics": ["quality"]}
    again = {"rules": {"metrics": ["quality"]}, "on": True}
    assert [one["data"] for one in notebook.comms("nbtrail.rules")[1:]] == [again]


def test_papermill_goes_by_them_too(tmp_path: Path) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "nbtrail": {"metrics": ["quality"], "rename": {"lr": "rate"}}}
    cells = ["%load_ext nbtrail", "lr = 0.1", "quality = lr * 2"]
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells], metadata=metadata
    )
    nbformat.write(book, tmp_path / "book.ipynb")
    store = open_store(tmp_path / ".nbtrail")
    run = projects.run_notebook(tmp_path / "book.ipynb", {}, store=store, progress=False)
    assert run.data.metrics == {"quality": 0.2}
    assert params(run) == {"rate": "0.1"}
