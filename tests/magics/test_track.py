"""%track in a real kernel: what it does, what it says, and how it takes mistakes."""

from __future__ import annotations

from typing import Any

from recorder.kernel import Notebook, params


def text(outputs: list[dict[str, Any]]) -> str:
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs
    )


def test_start_and_end_make_an_explicit_run(notebook: Notebook) -> None:
    said = text(notebook.run("a", "%track start baseline -e 'my trials'"))
    assert "started the run baseline" in said
    notebook.run("b", "lr = 0.1")
    notebook.run("c", "score = lr * 2.0")
    assert notebook.runs[0].info.status == "RUNNING"
    assert "ended the run baseline" in text(notebook.run("d", "%track end"))
    (run,) = notebook.runs
    assert (run.info.run_name, run.info.status) == ("baseline", "FINISHED")
    assert notebook.store.experiments.get(run.info.experiment_id).name == "my trials"
    assert run.data.metrics == {"score": 0.2}
    assert params(run) == {"lr": "0.1"}


def test_start_ends_what_is_open_and_says_so_if_it_was_explicit(notebook: Notebook) -> None:
    notebook.run("a", "acc = 1.0 / 2")
    assert "ended" not in text(notebook.run("b", "%track start one"))
    assert "ended the run one" in text(notebook.run("c", "%track start two"))
    assert [run.info.run_name for run in notebook.runs][1:] == ["one", "two"]
    assert [run.info.status for run in notebook.runs] == ["FINISHED", "FINISHED", "RUNNING"]


def test_off_and_on(notebook: Notebook) -> None:
    notebook.run("a", "%track off")
    notebook.run("b", "acc = 1.0 / 2")
    assert not (notebook.folder / ".nbtrail").exists()
    assert "with the recorder on" in text(notebook.run("c", "%%track x\nacc = 1.0 / 2"))
    notebook.run("c", "%track on")
    notebook.run("d", "acc = 1.0 / 4")
    (run,) = notebook.runs
    assert run.data.metrics == {"acc": 0.25}


def test_status_and_list_say_what_is_there(notebook: Notebook) -> None:
    assert "none yet" in text(notebook.run("a", "%track status"))
    assert "No runs yet" in text(notebook.run("b", "%track list"))
    notebook.run("c", "acc = 1.0 / 2")
    (run,) = notebook.runs
    assert run.info.run_id in text(notebook.run("d", "%track status"))
    # RUNNING: the cell that asks is one of its cells.
    listed = text(notebook.run("e", "%track list")).splitlines()
    assert listed[0].split() == ["Run", "Status", "Started", "acc"]
    assert listed[1].split()[:2] == [run.info.run_name, "RUNNING"]
    assert listed[1].endswith("0.5")
    assert "%track start" in text(notebook.run("f", "%track"))


def test_a_tracked_cell_is_a_run_by_itself(notebook: Notebook) -> None:
    source = "%%track quick\nimport asyncio\nlr = 0.2\nawait asyncio.sleep(0)\nscore = lr * 2.0"
    notebook.run("a", source)
    notebook.run("a", source)
    assert [(run.info.run_name, run.info.status) for run in notebook.runs] == [
        ("quick", "FINISHED"), ("quick", "FINISHED"),
    ]  # fmt: skip
    assert [params(run) for run in notebook.runs] == [{"lr": "0.2"}] * 2
    assert notebook.trail(notebook.runs[0])[0].source == source


def test_a_tracked_cell_in_an_open_explicit_run_is_its_child(notebook: Notebook) -> None:
    notebook.run("a", "%track start parent")
    notebook.run("b", "%%track child\nscore = 1.0 / 2")
    notebook.run("c", "loss = 1.0 / 4")
    parent, child = notebook.runs
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.metrics == {"score": 0.5}
    assert parent.data.metrics == {"loss": 0.25}
    assert (parent.info.status, child.info.status) == ("RUNNING", "FINISHED")


def test_a_tracked_cell_may_hold_another_cell_magic(notebook: Notebook) -> None:
    said = text(notebook.run("a", "%%track timed\n%%time\nscore = 1.0 / 2"))
    assert "Wall time" in said
    (run,) = notebook.runs
    assert run.data.metrics == {"score": 0.5}


MISTAKES = {
    "%track strat": "Did you mean 'start'?",
    "%track START": "Did you mean 'start'?",
    "%track autolog maybe": "It knows sklearn, ",
    "%track start --experimnt x": "Did you mean '--experiment'?",
    "%track start --nestd": "Did you mean '--nested'?",
    "%track start -e": "needs the name of an experiment",
    "%track start one two": "One name is enough",
    "%track end": "no run to end",
    "%track on now": "takes no arguments",
    "%track list -e nowhere": "no experiment 'nowhere'",
    "%track list metric.acc >": "filter is not understood",
    "%track list -n few": "needs a number",
    "%track show baselin": "There is no run 'baselin'. Did you mean 'baseline'?",
    "%track why": "%track why METRIC [RUN]",
    "%track why acuracy": "acuracy",
    "%track diff x x x": "'x' is too much",
    "%track tag colour": "key=value",
    "%track tag": "%track tag KEY=VALUE",
    "%track ignore": "Something is missing",
    "%track param 3x": "no name of a variable",
    "%track rename a a,b": "has the character ','",
    "%track autolog sklern": "Did you mean 'sklearn'?",
    "%%track -p 3x\n1": "no name of a variable",
    "%%track --nam x\n1": "There is no option '--nam'",
    "%track start 'open": "cannot be read",
}


def test_mistakes_are_usage_errors(notebook: Notebook) -> None:
    notebook.run("first", "%track start baseline\n%track end")
    for number, (source, expected) in enumerate(MISTAKES.items()):
        outputs = notebook.run(f"mistake-{number}", source)
        assert expected in text(outputs)
        assert "UsageError" in text(outputs)
        assert not any(output["output_type"] == "error" for output in outputs)


def test_unload_ends_and_load_starts_again(notebook: Notebook) -> None:
    notebook.run("a", "%track start one")
    notebook.run("b", "%unload_ext nbtrail")
    assert notebook.runs[0].info.status == "FINISHED"
    notebook.run("c", "acc = 1.0 / 2")
    assert len(notebook.runs) == 1
    notebook.run("d", "%load_ext nbtrail")
    notebook.run("e", "acc = 1.0 / 4")
    assert notebook.runs[1].data.metrics == {"acc": 0.25}


def test_check_says_what_to_run_again(notebook: Notebook) -> None:
    notebook.run("a", "n = 3")
    notebook.run("b", "m = n * 2")
    notebook.run("a", "n = 4")
    told = text(notebook.run("c", "score = m / 10"))
    assert "stale-inputs: cell 3 read `n` from execution [2] of cell 2" in told
    said = text(notebook.run("check", "%track check"))
    assert "was 3, and is 4 now" in said
    assert "To become linear, run again from top to bottom: cell 3, 4." in said
    notebook.run("b", "m = n * 2")
    notebook.run("c", "score = m / 10")
    assert ": linear" in text(notebook.run("check", "%track check"))
