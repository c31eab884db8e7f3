"""Autolog beside the recorder, in a real kernel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.kernel import Notebook, params

IMPORTS = """
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
import numpy as np
X_train = np.linspace(0, 1, 60).reshape(30, 2)
y_train = (X_train[:, 0] > 0.5).astype(int)
"""


@pytest.fixture
def book(workdir: Path) -> Iterator[Notebook]:
    notebook = Notebook(workdir)
    notebook.run("load", "%load_ext nbtrail")
    notebook.run("a", IMPORTS)
    yield notebook
    notebook.close()


def test_an_evaluation_belongs_to_the_models_run(book: Notebook) -> None:
    book.run("b", "C = 0.5\nmodel = LogisticRegression(C=C).fit(X_train, y_train)")
    for _ in range(2):
        book.run("c", "print(accuracy_score(y_train, model.predict(X_train)))")
    (run,) = book.runs
    assert list(run.data.metrics) == ["accuracy_score_X_train"]  # nothing that nobody asked for
    assert run.data.metric_summaries[0].count == 2
    assert params(run) == {"C": "0.5"}
    (used,) = run.inputs.dataset_inputs
    assert used.dataset.name == "X_train"
    (point,) = run.data.metric_summaries
    assert point.execution == book.trail(run)[-1].id


def test_a_search_is_a_run_with_others_below(book: Notebook) -> None:
    book.run(
        "b",
        "search = GridSearchCV(LogisticRegression(), {'C': [0.1, 1.0]}, cv=2)\n"
        "search.fit(X_train, y_train)",
    )
    parent, *below = sorted(book.runs, key=lambda run: "mlflow.parentRunId" in run.data.tags)
    assert {run.data.tags["mlflow.parentRunId"] for run in below} == {parent.info.run_id}
    assert {run.data.params["C"] for run in below} == {"0.1", "1.0"}
    assert [execution.cell_id for run in below for execution in book.trail(run)] == ["b", "b"]
    book.run("b", "search.fit(X_train, y_train)")  # its one head cell
    assert len(book.runs) == 6


def test_a_training_that_is_interrupted_leaves_its_curve(book: Notebook) -> None:
    book.send(
        "b",
        "import xgboost, time\n"
        "class Slow(xgboost.callback.TrainingCallback):\n"
        "    def after_iteration(self, model, epoch, evals_log):\n"
        "        if epoch == 3:\n"
        "            print('at three', flush=True)\n"
        "            time.sleep(60)\n"
        "matrix = xgboost.DMatrix(X_train, y_train)\n"
        "xgboost.train({}, matrix, 9, evals=[(matrix, 'train')], verbose_eval=False,\n"
        "              callbacks=[Slow()])",
    )
    book.wait_for("at three")
    book.interrupt()
    book.outputs()
    (run,) = book.runs
    assert run.info.status == "KILLED"
    assert run.data.metric_summaries[0].count == 3


def test_what_writes_models_is_imported_while_nobody_waits(book: Notebook) -> None:
    """Cells of a person have pauses between them; the test waits until the import is done."""
    for _ in range(100):
        outputs = book.run("look", "import sys; print('skops.io' in sys.modules)")
        if "True" in str(outputs):
            return
        time.sleep(0.5)
    pytest.fail("skops.io was never imported")
