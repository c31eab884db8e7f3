"""%track list, show, compare, diff, why, check, note, tag, autolog, reproduce: what they show."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from recorder.kernel import Notebook

from .test_track import text


@pytest.fixture
def trained(notebook: Notebook) -> Notebook:
    """A notebook with two explicit runs, *one* and *two*, and the latter's cells."""
    notebook.run("a", "lr = 0.1")
    for name, lr in (("one", 0.1), ("two", 0.2)):
        notebook.run("s", f"%track start {name} -t kind={name}")
        notebook.run("a", f"lr = {lr}")
        notebook.run("b", "acc = lr * 2; loss = 1 - lr")
    notebook.run("e", "%track end")
    return notebook


def test_list_takes_a_filter_an_experiment_and_a_number(trained: Notebook) -> None:
    listed = text(trained.run("x", "%track list metrics.acc > 0.3 and tags.kind = 'two'"))
    assert "two" in listed
    assert "one" not in listed
    assert "older ones: '%track list -n 2'" in text(trained.run("x", "%track list -n 1"))
    assert "No run is like that" in text(trained.run("x", "%track list metrics.acc > 9"))
    output = trained.run("x", "%track list -e book")[0]
    assert "<table>" in output["data"]["text/html"]


def test_show_is_about_the_last_run_or_one_that_is_named(trained: Notebook) -> None:
    assert "acc = 0.4" in text(trained.run("x", "%track show"))
    one = trained.runs[0].info
    assert one.run_id in text(trained.run("x", "%track show one"))
    assert one.run_id in text(trained.run("x", f"%track show {one.run_id[:8]}"))


def test_compare_and_diff_need_one_run_beside_the_last(trained: Notebook) -> None:
    for command in ("compare", "diff"):
        for runs in ("one", "one two"):
            shown = text(trained.run("x", f"%track {command} {runs}"))
            assert "0.1" in shown
            assert "0.2" in shown


def test_why_shows_the_cells_that_led_to_a_metric(trained: Notebook) -> None:
    shown = text(trained.run("x", "%track why acc"))
    assert "lr = 0.2" in shown
    assert "acc = 0.4" in shown
    assert "acc = 0.2" in text(trained.run("x", "%track why acc one"))
    assert "Did you mean 'acc'?" in text(trained.run("x", "%track why ac"))


def test_check_is_about_any_run(trained: Notebook) -> None:
    assert "one: " in text(trained.run("x", "%track check one"))
    assert "two: " in text(trained.run("x", "%track check"))


def test_notes_and_tags_are_written_on_the_last_run(trained: Notebook) -> None:
    assert "Noted on two" in text(trained.run("x", '%track note it\'s the "best" so far'))
    assert 'note: it\'s the "best" so far' in text(trained.run("x", "%track show"))
    assert "Tagged two: a, b" in text(trained.run("x", "%track tag a=1 'b=x y'"))
    tags = trained.runs[-1].data.tags
    assert (tags["a"], tags["b"]) == ("1", "x y")
    assert "Took the note of two away" in text(trained.run("x", "%track note"))


def test_autolog_is_turned_on_and_off_by_framework(notebook: Notebook) -> None:
    assert "sklearn" not in text(notebook.run("a", "%track autolog off sklearn"))
    fit = "from sklearn.dummy import DummyClassifier as D; D().fit([[1], [2]], [1, 1])"
    notebook.run("b", fit)
    assert not (notebook.folder / ".nbtrail").exists()
    assert "no framework" in text(notebook.run("c", "%track autolog off"))
    assert "sklearn, xgboost" in text(notebook.run("d", "%track autolog"))
    notebook.run("e", fit)
    assert len(notebook.runs) == 1


def test_reproduce_executes_the_run_of_this_notebook_once_more(notebook: Notebook) -> None:
    notebook.run("a", "lr = 0.1")
    notebook.run("b", "acc = lr * 2")
    (run,) = notebook.runs
    told = text(notebook.run("x", "%track reproduce --metric acc:0.01"))
    assert "identical" in told
    again = notebook.runs[-1]
    assert again.data.metrics == {"acc": 0.2}
    assert again.data.tags["nbtrail.reproduces"] == run.info.run_id
    assert notebook.runs[0].data.tags["nbtrail.reproduction"] == "identical"
    assert [cell.cell_id for cell in notebook.trail(run)] == ["a", "b"]
    for option, told in (("--env record", "not 'record'"), ("--repeat 1.5", "a whole number")):
        assert told in text(notebook.run("y", f"%track reproduce {option}"))


def test_sweep_shows_the_trials_of_a_notebook(notebook: Notebook) -> None:
    cells = [new_code_cell("x = 1", metadata={"tags": ["parameters"]}),
             new_code_cell("loss = abs(x - 3) / 2")]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, notebook.folder / "search.ipynb")
    line = "%track sweep search.ipynb -P x=1,3 --metric loss --direction min --sampler grid"
    outputs = notebook.run("a", f"{line} --parallel 1")
    html = "".join(one.get("data", {}).get("text/html", "") for one in outputs)
    assert "2 of 2 finished" in html
    assert html.index("<td>3</td>") < html.index("<td>1</td>")  # the best first
    assert len(notebook.runs) == 3
    for option, told in (("--trials few", "a whole number"), ("-P x", "a parameter and its range"),
                         ("--sampler gird", "grid")):  # fmt: skip
        assert told in text(notebook.run("b", f"{line.replace('--sampler grid', '')} {option}"))
    assert "needs --metric" in text(notebook.run("b", "%track sweep search.ipynb -P x=1,3"))
