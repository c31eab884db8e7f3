"""How a process ends, and what its run is then; runs that another process owns."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

import nbtrail
from nbtrail.entities import Run
from nbtrail.store import Store
from store import scripts


def only(store: Store) -> Run:
    store.drain()
    (run,) = store.runs.search()[0]
    return run


@pytest.mark.parametrize(
    ("ending", "code", "status", "error"),
    [
        ("pass", 0, "FINISHED", None),
        ("raise ValueError('no')", 1, "FAILED", "ValueError: no"),
        ("raise KeyboardInterrupt", -signal.SIGINT, "KILLED", "KeyboardInterrupt: "),
        ("import sys; sys.exit()", 0, "FINISHED", None),
        ("import sys; sys.exit(0)", 0, "FINISHED", None),
        # What a script says to its shell is known to nobody at its end.
        ("import sys; sys.exit(2)", 2, "FINISHED", None),
        ("import os; os._exit(3)", 3, "KILLED", "The process that recorded this run died."),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
            -signal.SIGTERM,
            "KILLED",
            "The process that recorded this run died.",
        ),
    ],
)
@pytest.mark.parametrize("opened", ["nbtrail.start_run()", "nbtrail.start_run().__enter__()"])
def test_the_end_of_a_script_ends_its_run(
    store: Store, opened: str, ending: str, code: int, status: str, error: str | None
) -> None:
    scripts.run(
        f"""
        import nbtrail
        {opened}
        nbtrail.log_metric("loss", 1.0)
        {ending}
        """,
        code=code,
    )
    run = only(store)
    assert (run.info.status, run.info.error) == (status, error)
    assert run.data.metrics == {"loss": 1.0}


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        (["1 / 0", "nbtrail.start_run()"], "FINISHED"),
        (["nbtrail.start_run()", "1 / 0", "nbtrail.log_metric('loss', 1)"], "FINISHED"),
        (["nbtrail.start_run()", "1 / 0"], "FAILED"),
    ],
)
def test_in_a_notebook_without_the_recorder_the_last_cell_says(
    store: Store, cells: list[str], status: str
) -> None:
    scripts.run(
        f"""
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        for cell in ["import nbtrail", *{cells!r}]:
            shell.run_cell(cell)
        """
    )
    assert only(store).info.status == status


def test_at_a_prompt_an_error_ends_nothing(store: Store) -> None:
    lines = "import nbtrail\nrun = nbtrail.start_run()\n1 / 0\nnbtrail.log_metric('loss', 1)\n"
    subprocess.run([sys.executable, "-i", "-q"], input=lines, text=True, check=True)
    assert only(store).info.status == "FINISHED"


def test_all_nested_runs_are_ended(store: Store) -> None:
    scripts.run("import nbtrail\nfor nested in (False, True): nbtrail.start_run(nested=nested)")
    assert [run.info.status for run in store.runs.search()[0]] == ["FINISHED"] * 2


def test_a_run_that_was_left_in_a_thread_is_told(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, threading
        thread = threading.Thread(target=nbtrail.start_run)
        thread.start()
        thread.join()
        """
    )
    run = only(store)
    assert run.info.status == "KILLED"
    assert run.info.error == "The process ended without ending this run."


CHILD = """
    import nbtrail
    run = nbtrail.active_run()
    nbtrail.log_metric("child", 1.0)
    assert nbtrail.active_run() is not None
"""


def adopted_by(script: str, code: int = 0, name: str = "NBTRAIL_RUN_ID") -> Run:
    with nbtrail.start_run() as run:
        scripts.run(script, code=code, **{name: run.run_id})
        assert run.info.status == "RUNNING"
        nbtrail.log_metric("parent", 1.0)
    only(run.store)
    return run.store.runs.get(run.run_id)


@pytest.mark.parametrize("name", ["NBTRAIL_RUN_ID", "MLFLOW_RUN_ID"])
def test_a_child_process_records_in_its_parents_run(name: str) -> None:
    run = adopted_by("import nbtrail; nbtrail.log_metric('child', 1.0)", name=name)
    assert run.data.metrics == {"child": 1.0, "parent": 1.0}
    assert run.info.status == "FINISHED"


@pytest.mark.parametrize(
    ("ending", "code"), [("pass", 0), ("raise ValueError", 1), ("import os; os._exit(1)", 1)]
)
@pytest.mark.parametrize(
    "opening",
    [
        "with nbtrail.start_run():",
        "nbtrail.log_param('a', 1)\n    with nbtrail.start_run():",
        "run = nbtrail.start_run()\n    with run:",
    ],
)
def test_a_child_process_never_ends_its_parents_run(opening: str, ending: str, code: int) -> None:
    script = f"""
    import nbtrail
    {opening}
        nbtrail.log_metric("child", 1.0)
        {ending}
    """
    run = adopted_by(script, code)
    assert run.data.metrics == {"child": 1.0, "parent": 1.0}


def test_a_child_process_may_have_more_runs() -> None:
    script = """
    import nbtrail
    with nbtrail.start_run():
        with nbtrail.start_run(run_name="below", nested=True):
            nbtrail.log_metric("below", 1.0)
    with nbtrail.start_run(run_name="beside"):
        nbtrail.log_metric("beside", 1.0)
    """
    with nbtrail.start_run(run_name="parent") as parent:
        scripts.run(script, NBTRAIL_RUN_ID=parent.run_id)
    found = {run.info.run_name: run for run in parent.store.runs.search()[0]}
    assert found["below"].data.tags["mlflow.parentRunId"] == parent.run_id
    assert "mlflow.parentRunId" not in found["beside"].data.tags
    assert {run.info.status for run in found.values()} == {"FINISHED"}


def test_a_run_that_is_not_there_is_told() -> None:
    done = scripts.run(
        "import nbtrail; nbtrail.log_metric('a', 1)", code=1, NBTRAIL_RUN_ID="missing"
    )
    assert "There is no run 'missing' in this store." in done.stderr


def test_a_script_tells_where_it_records_and_no_more(store: Store) -> None:
    done = scripts.run("import nbtrail; nbtrail.log_metric('a', 1)", NBTRAIL_TRACKING_URI="other")
    assert (done.stdout, done.stderr) == ("", "")


def test_a_store_that_cannot_be_opened_is_an_error_of_ours() -> None:
    with open(".nbtrail", "w"):  # noqa: PTH123
        pass
    done = scripts.run("import nbtrail; nbtrail.log_metric('a', 1)", code=1)
    assert "is not a directory of yours" in done.stderr
    assert "NBTRAIL_TRACKING_URI" in done.stderr
