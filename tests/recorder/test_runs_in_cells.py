"""What the user's own code does to runs, seen from a notebook with the recorder on."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.kernel import Notebook, params

WINE = """
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.metrics import accuracy_score
X, y = load_wine(return_X_y=True, as_frame=True)
"""


def test_a_cell_that_left_its_run_open_ends_it_when_executed_again(notebook: Notebook) -> None:
    for _ in range(2):
        notebook.run("a", "import nbtrail\nrun = nbtrail.start_run(run_name='open')")
    assert [run.info.status for run in notebook.runs] == ["FINISHED", "RUNNING"]


def test_another_cell_cannot_start_a_run_while_one_is_open(notebook: Notebook) -> None:
    notebook.run("a", "import nbtrail\nrun = nbtrail.start_run()")
    outputs = notebook.run("b", "nbtrail.start_run()")
    assert "already active" in outputs[-1]["evalue"]


def test_a_started_run_adopts_the_cell_and_no_implicit_run_is_beside_it(
    notebook: Notebook,
) -> None:
    notebook.run("a", "import nbtrail\nacc = 1.0 / 2")
    notebook.run("bad", "1 / 0")
    notebook.run(
        "b", "with nbtrail.start_run(run_name='mine'):\n    loss = 1.0 / 4\nrmse = 0.5 + 0"
    )
    implicit, mine = notebook.runs
    assert (implicit.info.status, implicit.data.metrics) == ("FAILED", {"acc": 0.5})
    assert (mine.info.status, mine.data.metrics) == ("FINISHED", {"loss": 0.25})
    assert [e.cell_id for e in notebook.trail(implicit)] == ["a", "bad"]
    assert [e.cell_id for e in notebook.trail(mine)] == ["load", "a", "b"][1:]


@pytest.mark.parametrize(("last", "status"), [("1 + 1", "FINISHED"), ("1 / 0", "FAILED")])
def test_the_end_of_the_kernel_ends_an_explicit_run_as_its_last_cell_did(
    tmp_path: Path, last: str, status: str
) -> None:
    book = Notebook(tmp_path)
    book.run("load", "%load_ext nbtrail")
    book.run("a", "%track start one")
    book.run("b", "acc = 1.0 / 2")
    book.run("c", last)
    book.close()
    (run,) = book.runs
    assert run.info.status == status


def test_an_implicit_run_is_running_only_while_a_cell_executes(notebook: Notebook) -> None:
    notebook.run("a", "acc = 1.0 / 2")
    assert notebook.runs[0].info.status == "FINISHED"
    notebook.send("b", "import time; print('begun', flush=True); time.sleep(1)")
    notebook.wait_for("begun")
    assert notebook.runs[0].info.status == "RUNNING"
    notebook.outputs()
    assert notebook.runs[0].info.status == "FINISHED"
    notebook.run("c", "1 / 0")
    assert notebook.runs[0].info.status == "FAILED"
    notebook.run("d", "1 / 1")
    assert notebook.runs[0].info.status == "FINISHED"


def test_explicit_beats_inferred(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "import nbtrail\nlr = 0.1\nnbtrail.log_param('lr', 'mine')\n"
        "acc = lr * 2\nnbtrail.log_metric('acc', 7)",
    )
    (run,) = notebook.runs
    assert params(run, "explicit") == {"lr": "mine"}
    assert run.data.metrics == {"acc": 7.0}


def test_threads_of_a_cell_log_to_its_run(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "import nbtrail, threading\n"
        "def work(i):\n    for step in range(50):\n"
        "        nbtrail.log_metric(f'm{i}', step, step=step)\n"
        "threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]\n"
        "nbtrail.log_param('n', 4)\n"
        "[t.start() for t in threads]; [t.join() for t in threads]; None",
    )
    (run,) = notebook.runs
    assert {m.key: (m.count, m.cell_id) for m in run.data.metric_summaries} == {
        f"m{i}": (50, "a") for i in range(4)
    }


def test_a_list_is_a_series_and_a_dict_its_metrics(notebook: Notebook) -> None:
    notebook.run("a", "import math\nlosses = [math.exp(-i) for i in range(5)]")
    notebook.run("b", "{'val_acc': 1 / 2, 'f1_macro': 1 / 4}")
    notebook.run("c", "{'val_acc': 1 / 2, 'colour': 1 / 4}")
    (run,) = notebook.runs
    history = notebook.store.metrics.history(run.info.run_id, "losses")
    assert [point.step for point in history] == [0, 1, 2, 3, 4]
    assert {m.key: m.count for m in run.data.metric_summaries} == {
        "losses": 5, "val_acc": 1, "f1_macro": 1,
    }  # fmt: skip


def test_initial_values_and_near_misses_are_nothing(notebook: Notebook) -> None:
    notebook.run("a", "best_acc = 0.0\nloss_weight = 0.5\naccuracy_threshold = 1 / 2\nn_errors = 3")
    assert not (notebook.folder / ".nbtrail").exists()
    notebook.run("b", "for i in range(3):\n    best_acc = max(best_acc, i / 4 * loss_weight)")
    (run,) = notebook.runs
    assert run.data.metrics == {"best_acc": 0.25}
    assert params(run) == {"loss_weight": "0.5"}


def test_a_cell_tagged_parameters_gives_all_its_literals(notebook: Notebook) -> None:
    notebook.run("a", "unread = 1\nconf = {'deep': {'er': 2}, 'x': 'y'}", tags=["parameters"])
    notebook.run("b", "also_unread = 3")
    notebook.run("c", "acc = 1 / 2")
    (run,) = notebook.runs
    assert params(run) == {"unread": "1", "conf.deep.er": "2", "conf.x": "y"}


def test_fitted_models_are_logged_under_their_names(notebook: Notebook) -> None:
    notebook.run("defs", WINE)
    notebook.run("a", "C = 0.5\nmax_depth = 2")
    notebook.run(
        "b",
        "tree = DecisionTreeClassifier(max_depth=max_depth, random_state=0).fit(X, y)\n"
        "for depth in (1, 2, 3):\n"
        "    last = DecisionTreeClassifier(max_depth=depth).fit(X, y)\n"
        "pred = tree.predict(X)",
    )
    notebook.run("c", "accuracy_score(y, pred)")
    (run,) = notebook.runs
    models = notebook.store.registry.logged_models(run.info.run_id)
    assert [(model.name, model.flavor) for model in models] == [
        ("tree", "sklearn"), ("last", "sklearn"),
    ]  # fmt: skip
    assert list(run.data.metrics) == ["accuracy_score_X"]
    logged = params(run, "autolog")
    assert logged["criterion"] == "gini"
    assert params(run)["max_depth"] == "2"
    assert logged["last.max_depth"] == "3"
    assert run.data.tags["estimator_name"] == "DecisionTreeClassifier"


def test_a_fit_that_fails_opens_no_run(notebook: Notebook) -> None:
    notebook.run("defs", WINE)
    outputs = notebook.run("a", "LogisticRegression().fit(X, y[:3])")
    assert outputs[-1]["ename"] == "ValueError"
    assert not any("nbtrail" in line for line in outputs[-1]["traceback"])
    assert not (notebook.folder / ".nbtrail").exists()


def test_the_line_after_a_cell_says_what_was_recorded_where(notebook: Notebook) -> None:
    notebook.run("a", "C = 0.5")
    assert notebook.run("b", "print('just printing')")[1:] == []
    outputs = notebook.run("c", "accuracy = C + 0.25")
    (run,) = notebook.runs
    line = outputs[-1]["data"]["text/plain"]
    assert line.startswith(f"nbtrail: {run.info.run_name} · C=0.5 · accuracy=0.75")
    assert str(notebook.folder / ".nbtrail") in line
    assert outputs[-1]["metadata"] == {"nbtrail": {"runs": [run.info.run_id]}}
    assert "records in" not in notebook.run("c", "accuracy = C + 0.3")[-1]["data"]["text/plain"]
    assert len(notebook.trail(run)[-1].outputs) == 0


def test_a_call_with_a_mistake_opens_no_run(notebook: Notebook) -> None:
    notebook.run("a", "import nbtrail")
    for number, call in enumerate(
        ("log_metric('x', 'abc')", "log_metric('a/../b', 1)", "log_params({'': 1})",
         "set_tag('', 'v')", "log_text('x', '../up')", "log_artifact('nowhere')")
    ):  # fmt: skip
        outputs = notebook.run(f"mistake-{number}", f"nbtrail.{call}")
        assert outputs[-1]["ename"] in {"InvalidValue", "NotFound", "FileMissing"}
    assert not (notebook.folder / ".nbtrail").exists()


def test_the_cell_that_loads_the_extension_may_have_results(tmp_path: Path) -> None:
    book = Notebook(tmp_path)
    book.run(
        "all",
        "%load_ext nbtrail\nimport nbtrail\nlr = 0.1\nnbtrail.log_metric('loss', lr)\nacc = lr * 2",
    )
    book.close()
    (run,) = book.runs
    assert run.data.metrics == {"loss": 0.1, "acc": 0.2}
    assert params(run) == {"lr": "0.1"}
    assert [(e.cell_id, e.role, e.metrics) for e in book.trail(run)] == [("all", "own", ["acc"])]
