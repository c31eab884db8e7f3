"""Completion of %track, as Jupyter asks a real kernel for it."""

from __future__ import annotations

from recorder.kernel import Notebook


def test_subcommands_and_options(notebook: Notebook) -> None:
    assert {*notebook.complete("%track st")} == {"start", "status"}
    assert {"on", "off", "why", "rename"} <= {*notebook.complete("%track ")}
    assert "--experiment" in notebook.complete("%track start --ex")
    assert "--nested" in notebook.complete("%%track name --n")
    assert notebook.complete("x = 1\n%track sho") == ["show"]
    assert "start" not in notebook.complete("%track show ")  # there is no store yet


def test_names_of_this_store_and_notebook(notebook: Notebook) -> None:
    notebook.run("a", "%track start 'first try' -e 'my trials'\nlr = 0.1\nlr_end = 0.01")
    notebook.run("b", "import nbtrail; nbtrail.log_metrics({'acc': 0.5, 'auc': 0.7})")
    notebook.run("c", "%track start second")
    notebook.run("d", "acc_test = lr * 2")
    assert notebook.complete("%track show sec") == ["second"]
    assert notebook.complete("%track diff second 'first t") == ["try'"]
    assert notebook.complete("%track start x -e 'my") == ["my trials'"]
    assert {"second", "'first try'"} <= {*notebook.complete("%track show ")}
    assert "Default" in notebook.complete("%%track x --experiment ")
    assert notebook.complete("%track why ac") == ["acc_test"]
    assert notebook.complete("%track ignore l") == ["lr"]
    assert notebook.complete("%track param lr_") == ["lr_end"]
    assert notebook.complete("%%track -p lr,lr_") == ["lr_end"]
    assert notebook.complete("%track autolog xg") == ["xgboost"]
