"""%%track: a cell that is a run by itself, with the options of its line."""

from __future__ import annotations

from recorder.kernel import Notebook, params

from .test_track import text

SETTINGS = "from types import SimpleNamespace\ncfg = SimpleNamespace(lr=0.1, batch=32)\nseed = 7"


def test_the_line_names_params_metrics_and_tags(notebook: Notebook) -> None:
    notebook.run("a", SETTINGS)
    line = "%%track trial -e 'my trials' -p cfg,seed -m speed -t kind=quick"
    notebook.run("b", f"{line}\nspeed = cfg.lr * 2\nhits = 1.5")
    (run,) = notebook.runs
    assert run.info.run_name == "trial"
    assert notebook.store.experiments.get(run.info.experiment_id).name == "my trials"
    assert params(run) == {"cfg.lr": "0.1", "cfg.batch": "32", "seed": "7", "hits": "1.5"}
    assert run.data.metrics == {"speed": 0.2}
    assert run.data.tags["kind"] == "quick"


def test_what_a_line_names_is_forgotten_with_its_run(notebook: Notebook) -> None:
    notebook.run("a", "%%track -m speed\nspeed = 1.0 / 2")
    notebook.run("b", "%%track\nspeed = 1.0 / 4; acc = 1.0 / 4")
    assert [run.data.metrics for run in notebook.runs] == [{"speed": 0.5}, {"acc": 0.25}]


def test_a_tracked_cell_without_results_says_that_it_is_a_run(notebook: Notebook) -> None:
    line = text(notebook.run("a", "%%track trial -m speed\nn, sped = 3, 4"))
    assert "nbtrail: trial · n=3" in line
    assert "· no `speed`. Did you mean 'sped'?\n" in line


def test_a_started_run_takes_the_same_options(notebook: Notebook) -> None:
    notebook.run("a", SETTINGS)
    notebook.run("b", "%track start trial -p cfg -m speed")
    notebook.run("c", "speed = cfg.lr * 2")
    notebook.run("d", "%track end")
    (run,) = notebook.runs
    assert params(run, "inferred", "inherited") == {"cfg.lr": "0.1", "cfg.batch": "32"}
    assert run.data.metrics == {"speed": 0.2}


def test_nested_keeps_the_open_run_and_is_its_child(notebook: Notebook) -> None:
    notebook.run("a", "%track start parent")
    assert "ended" not in text(notebook.run("b", "%track start child --nested"))
    notebook.run("c", "acc = 1.0 / 2")
    notebook.run("d", "%track end")
    notebook.run("e", "loss = 1.0 / 4")
    parent, child = notebook.runs
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.metrics == {"acc": 0.5}
    assert parent.data.metrics == {"loss": 0.25}
    assert parent.info.status == "RUNNING"


def test_a_nested_cell_is_the_child_of_an_implicit_run(notebook: Notebook) -> None:
    notebook.run("a", "acc = 1.0 / 2")
    notebook.run("b", "%%track child --nested\nloss = 1.0 / 4")
    implicit, child = notebook.runs
    assert child.data.tags["mlflow.parentRunId"] == implicit.info.run_id
    assert (implicit.info.status, child.info.status) == ("FINISHED", "FINISHED")
