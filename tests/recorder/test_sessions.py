"""The worked sessions of SEMANTICS: runs, params, metrics, status, and what is to be trusted.

`SGD` and `load` are stand-ins in the user's own code: no library is needed to train a slope.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.kernel import Notebook, params

MODEL = """
class SGD:
    def __init__(self, lr):
        self.lr = lr
    def fit(self, X, y):
        return self
    def score(self, X, y):
        return 0.5 + self.lr
def load():
    return [1.0], [1.0]
"""
TRAIN = "m = SGD(lr).fit(X, y); acc = m.score(X, y)"


def session_1(book: Notebook) -> None:
    book.run("defs", MODEL)
    book.run("a", "lr = 0.1")
    book.run("b", "X, y = load()")
    book.run("c", TRAIN)


def told(book: Notebook, index: int = 0) -> tuple[str, set[str | None], str]:
    """Return a run's verdict, the cells that its first finding is about, and what that says."""
    verdict = book.verdict(book.runs[index])
    if not verdict.findings:
        return verdict.verdict, set(), ""
    session = book.trail(book.runs[index])[0].session_id
    cell_of = {e.id: e.cell_id for e in book.store.trails.session_executions(session)}
    first = verdict.findings[0]
    return verdict.verdict, {cell_of[one] for one in first.executions}, first.text


LINEAR: tuple[str, set[str | None], str] = ("linear", set(), "")


def cells(book: Notebook, index: int, role: str | None = None) -> list[str | None]:
    return [e.cell_id for e in book.trail(book.runs[index]) if role in {None, e.role}]


def test_1_a_result_opens_a_run_with_its_params_and_its_prelude(notebook: Notebook) -> None:
    session_1(notebook)
    (run,) = notebook.runs
    assert params(run) == {"lr": "0.1"}
    assert run.data.metrics == {"acc": 0.6}
    assert run.data.metric_summaries[0].cell_id == "c"
    assert (run.info.status, run.info.kind) == ("FINISHED", "implicit")
    assert cells(notebook, 0, "prelude") == ["defs", "a", "b"]
    assert cells(notebook, 0, "own") == ["c"]
    assert told(notebook) == LINEAR


def test_2_a_head_cell_executed_again_starts_the_next_run(notebook: Notebook) -> None:
    session_1(notebook)
    notebook.run("a", "lr = 0.2")
    assert len(notebook.runs) == 1
    notebook.run("c", TRAIN)
    first, second = notebook.runs
    assert params(first) == {"lr": "0.1"}
    assert params(second) == {"lr": "0.2"}
    assert second.data.metrics == {"acc": 0.7}
    assert cells(notebook, 1, "prelude") == ["defs", "b"]
    assert cells(notebook, 1, "own") == ["a", "c"]
    assert told(notebook, 0) == told(notebook, 1) == LINEAR


def test_3_the_next_run_inherits_params_from_the_execution_that_bound_them(
    notebook: Notebook,
) -> None:
    session_1(notebook)
    notebook.run("c", TRAIN)
    first, second = notebook.runs
    assert params(first, "inferred") == {"lr": "0.1"}
    assert params(second, "inherited") == {"lr": "0.1"}
    bound_in = notebook.trail(first)[1]
    assert bound_in.cell_id == "a"
    assert second.data.param_records[0].execution == bound_in.id
    assert told(notebook, 1) == LINEAR


def test_a_result_that_is_the_same_object_again_is_one(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1")
    notebook.run("b", "losses = [lr * 4, lr * 2]")
    notebook.run("c", "if lr > 1:\n    worst_loss = 0.5 * lr\nbest_loss = min(losses)")
    notebook.run("d", "acc = best_loss")
    notebook.run("a", "lr = 0.3")
    notebook.run("c", "if lr > 1:\n    worst_loss = 0.5 * lr\nbest_loss = min(losses)")
    *_, first, second = notebook.runs
    assert second.data.metrics == {"best_loss": 0.2}
    assert told(notebook, -1)[0] == "stale-inputs"
    assert first.data.metrics["best_loss"] == 0.2


def test_4_other_cells_belong_to_the_current_run(notebook: Notebook) -> None:
    session_1(notebook)
    plot = "import matplotlib.pyplot as plt; plt.plot([m.lr, 1]); plt.show()"
    notebook.run("d", plot)
    notebook.run("d", plot)
    (run,) = notebook.runs
    figures = Path(run.info.artifact_uri, "figures")
    assert sorted(file.name for file in figures.iterdir()) == ["cell-6-1.png", "cell-7-1.png"]
    assert cells(notebook, 0, "own") == ["c", "d", "d"]


def test_5_a_metric_of_another_cell_joins_and_is_replaced(notebook: Notebook) -> None:
    session_1(notebook)
    notebook.run("d", "test_acc = m.score(X, y) - 0.5")
    notebook.run("d", "test_acc = m.score(X, y) - 0.2")
    (run,) = notebook.runs
    assert told(notebook) == LINEAR
    assert run.data.metrics == {"acc": 0.6, "test_acc": 0.6 - 0.2}
    history = notebook.store.metrics.history(run.info.run_id, "test_acc")
    assert [point.value for point in history] == [0.6 - 0.5, 0.6 - 0.2]
    assert cells(notebook, 0, "own") == ["c", "d", "d"]


def test_6_the_param_is_the_value_that_made_the_result(notebook: Notebook) -> None:
    notebook.run("a", "n = 3")
    notebook.run("b", "m = n * 2")
    notebook.run("a", "n = 4")
    notebook.run("c", "score = m / 10")
    (run,) = notebook.runs
    assert params(run) == {"n": "3"}
    assert told(notebook) == (
        "stale-inputs",
        {"a", "b"},
        "cell 3 read `n` from execution [2] of cell 2, which was edited afterwards "
        "(`n` was 3, and is 4 now)",
    )


def test_7_a_cell_that_stands_below_the_one_that_read_it(notebook: Notebook) -> None:
    notebook.tell(load="%load_ext nbtrail", c="score = k / 10", b="k = 4.0 / 2")
    notebook.run("b", "k = 4.0 / 2")
    notebook.run("c", "score = k / 10")
    assert told(notebook) == (
        "out-of-order",
        {"b", "c"},
        "cell 2 read `k` from execution [2] of cell 3, which stands below it",
    )
    assert notebook.verdict(notebook.runs[0]).origin == "live"


def test_what_a_deleted_cell_has_set_in_a_module(notebook: Notebook) -> None:
    notebook.run("imports", "import os")
    notebook.run("a", "import os; os.environ['K'] = '0.5'")
    notebook.run("c", "import os; score = float(os.environ['K'])", deletedCells=["a"])
    assert told(notebook) == (
        "hidden-state",
        {"a", "c"},
        "cell 3 read `os` from execution [3] of a cell, which is not in the notebook any more",
    )


def test_8_a_cell_that_was_deleted(notebook: Notebook) -> None:
    notebook.run("a", "t = 0.25")
    notebook.run("c", "score = t * 1.0", deletedCells=["a"])
    assert told(notebook) == (
        "hidden-state",
        {"a", "c"},
        "cell 2 read `t` from execution [2] of a cell, which is not in the notebook any more",
    )


def test_9_a_cell_that_updates_itself_and_ran_twice(notebook: Notebook) -> None:
    notebook.run("a", "xs = []")
    notebook.run("b", "xs.append(3)")
    notebook.run("b", "xs.append(3)")
    notebook.run("c", "score = sum(xs) / 9")
    assert told(notebook) == (
        "out-of-order",
        {"b", "c"},
        "cell 3 changes `xs`, which it reads, and ran 2 times",
    )


def test_10_a_cell_that_updates_itself_to_the_same(notebook: Notebook) -> None:
    notebook.run("a", "import pandas as pd\ndf = pd.DataFrame({'x': [1.0, 2.0]})")
    notebook.run("b", "df['z'] = df.x * 2")
    notebook.run("c", "rmse = float(df.z.mean())")
    assert told(notebook) == LINEAR
    notebook.run("b", "df['z'] = df.x * 2")
    assert told(notebook) == LINEAR
    notebook.run("d", "test_rmse = float(df.z.sum())")
    assert told(notebook) == LINEAR


def test_11_a_failed_cell_stays_on_the_trail(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1")
    notebook.run("b", "X = 1 / 0")
    notebook.run("b", "X = 1.0 / lr")
    notebook.run("c", "acc = X / 100")
    (run,) = notebook.runs
    assert run.info.status == "FINISHED"
    assert [(e.cell_id, e.status) for e in notebook.trail(run)] == [
        ("a", "ok"), ("b", "error"), ("b", "ok"), ("c", "ok"),
    ]  # fmt: skip
    assert notebook.trail(run)[1].error == "ZeroDivisionError: division by zero"
    assert told(notebook) == LINEAR


def test_12_a_tracked_cell_that_raises_is_a_failed_run(notebook: Notebook) -> None:
    notebook.run("a", "%%track doomed -e trials\nlr = 0.1\nloss = lr * 2.0\n1 / 0\nacc = 0.5 + 0")
    (run,) = notebook.runs
    assert (run.info.run_name, run.info.status) == ("doomed", "FAILED")
    assert run.info.error == "ZeroDivisionError: division by zero"
    assert params(run) == {"lr": "0.1"}
    assert run.data.metrics == {"loss": 0.2}
    assert notebook.store.experiments.get(run.info.experiment_id).name == "trials"
    assert notebook.trail(run)[0].outputs[-1]["ename"] == "ZeroDivisionError"
    assert told(notebook) == LINEAR


ENDLESS = """
import nbtrail, time
step = 0
while True:
    nbtrail.log_metric("loss", lr / (step + 1), step=step)
    step += 1
    if step == 100:
        print("hundred")
    time.sleep(0.005)
"""


def test_13_an_interrupt_kills_the_run_and_the_cell_starts_the_next(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1")
    for _ in range(2):
        notebook.send("train", ENDLESS)
        notebook.wait_for("hundred")
        assert notebook.runs[-1].info.status == "RUNNING"
        notebook.interrupt()
        notebook.outputs()
    first, second = notebook.runs
    assert {first.info.status, second.info.status} == {"KILLED"}
    assert first.info.error == "KeyboardInterrupt: "
    assert first.data.metric_summaries[0].count >= 100
    assert params(first) == params(second) == {"lr": "0.1"}
    assert notebook.trail(first)[-1].status == "interrupted"
    assert told(notebook) == ("unknown", {"train"}, "cell 3 was interrupted")


def test_14_a_killed_kernel_leaves_all_that_was_acknowledged(tmp_path: Path) -> None:
    book = Notebook(tmp_path)
    book.run("load", "%load_ext nbtrail")
    book.run("a", "lr = 0.1")
    book.send("train", ENDLESS)
    book.wait_for("hundred")
    book.kill()
    (run,) = book.runs
    assert run.info.status == "KILLED"
    assert run.info.error
    assert "died" in run.info.error
    assert run.data.metric_summaries[0].count >= 100
    assert params(run) == {"lr": "0.1"}
    assert [(e.cell_id, e.status) for e in book.trail(run)] == [("a", "ok"), ("train", "killed")]
    assert book.store.trails.verdict(run.info.run_id) is None


def test_15_a_restart_is_a_new_session(tmp_path: Path) -> None:
    for _ in range(2):
        book = Notebook(tmp_path)
        book.run("load", "%load_ext nbtrail")
        session_1(book)
        book.close()
    first, second = book.runs
    assert params(first) == params(second) == {"lr": "0.1"}
    sessions = {book.trail(run)[-1].session_id for run in (first, second)}
    assert len(sessions) == 2
    assert told(book, 0) == told(book, 1) == LINEAR


def test_16_two_notebooks_do_not_mix(tmp_path: Path) -> None:
    books = [Notebook(tmp_path, f"book{number}.ipynb") for number in (1, 2)]
    for book in books:
        book.run("load", "%load_ext nbtrail")
        book.run("defs", MODEL)
    for number, book in enumerate(books):
        book.run("a", f"lr = 0.{number + 1}")
    for book in books:
        book.run("b", "X, y = load()")
        book.run("c", TRAIN)
        book.close()
    first, second = books[0].runs
    assert (params(first), params(second)) == ({"lr": "0.1"}, {"lr": "0.2"})
    assert first.info.experiment_id != second.info.experiment_id
    names = [books[0].store.experiments.get(r.info.experiment_id).name for r in (first, second)]
    assert names == ["book1", "book2"]
    assert told(books[0], 0) == told(books[0], 1) == LINEAR


def test_18_two_runs_in_one_cell_both_have_it(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "import nbtrail\n"
        "for lr in (0.1, 0.2):\n"
        "    with nbtrail.start_run():\n"
        "        nbtrail.log_param('lr', lr)\n"
        "        acc = lr * 2\n",
    )
    first, second = notebook.runs
    assert [run.data.metrics for run in (first, second)] == [{"acc": 0.2}, {"acc": 0.4}]
    assert [params(run) for run in (first, second)] == [{"lr": "0.1"}, {"lr": "0.2"}]
    assert cells(notebook, 0) == cells(notebook, 1) == ["a"]
    assert told(notebook, 0) == told(notebook, 1) == LINEAR


def test_19_a_search_is_one_run_with_its_trials_below(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "from sklearn.tree import DecisionTreeClassifier\n"
        "from sklearn.model_selection import GridSearchCV\n"
        "X, y = [[0.0], [1.0], [2.0], [3.0]] * 3, [0, 0, 1, 1] * 3",
    )
    model = "DecisionTreeClassifier(random_state=0)"
    notebook.run("b", f"search = GridSearchCV({model}, {{'max_depth': [1, 2]}}, cv=2).fit(X, y)")
    children = [run for run in notebook.runs if "mlflow.parentRunId" in run.data.tags]
    (parent,) = [run for run in notebook.runs if run not in children]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} <= {parent.info.run_id}
    assert notebook.verdict(parent).verdict == "linear"
    notebook.run("b", "search = search.fit(X, y)")
    assert len([r for r in notebook.runs if "mlflow.parentRunId" not in r.data.tags]) == 2


def test_20_exploration_makes_no_run_and_no_store(notebook: Notebook) -> None:
    notebook.run("a", "import pandas as pd; df = pd.DataFrame({'x': [1, 2]})")
    notebook.run("b", "df.head()")
    assert not (notebook.folder / ".nbtrail").exists()
    notebook.run("c", "score = float(df.x.mean())")
    (run,) = notebook.runs
    assert [e.cell_id for e in notebook.trail(run)] == ["a", "c"]
    assert told(notebook) == LINEAR


@pytest.mark.parametrize("made", ["[0.0] * 100_000", "__import__('numpy').zeros(100_000)"])
def test_an_element_of_much_that_is_changed_twice_is_seen(notebook: Notebook, made: str) -> None:
    """A sample of the value does not have it: that it was changed twice is in the source."""
    notebook.run("a", f"xs = {made}")
    notebook.run("b", "xs[77_777] += 1.0")
    notebook.run("c", "score = float(sum(xs))")
    assert told(notebook) == LINEAR
    notebook.run("a", f"xs = {made}")
    notebook.run("b", "xs[77_777] += 1.0")
    notebook.run("c", "score = float(sum(xs))")
    assert told(notebook) == LINEAR
    notebook.run("b", "xs[77_777] += 1.0")
    notebook.run("c", "score = float(sum(xs))")
    assert notebook.verdict(notebook.runs[-1]).verdict == "out-of-order"
