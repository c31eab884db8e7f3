"""The current run: nested, resumed, in threads and in tasks."""

from __future__ import annotations

import asyncio
import copy
import io
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nbtrail
from nbtrail.entities import Metric
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.store import Store, journal
from store import scripts


def logged(store: Store) -> dict[str, dict[str, float]]:
    """The metrics of each run, by its name."""
    store.drain()
    return {run.info.run_name: run.data.metrics for run in store.runs.search()[0]}


def statuses(store: Store) -> dict[str, tuple[str, str | None]]:
    return {run.info.run_name: (run.info.status, run.info.error) for run in store.runs.search()[0]}


def test_with_makes_a_run_current_and_ends_it() -> None:
    with nbtrail.start_run() as run:
        assert nbtrail.active_run() is run
        assert run.info.status == "RUNNING"
    assert nbtrail.active_run() is None
    assert run.info.status == "FINISHED"


def test_a_run_is_current_until_it_is_ended() -> None:
    run = nbtrail.start_run()
    assert nbtrail.active_run() is run
    with run:
        pass
    assert nbtrail.active_run() is None
    assert run.info.status == "FINISHED"


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ValueError("no\nmore"), "FAILED", "ValueError: no"),
        (KeyboardInterrupt(), "KILLED", "KeyboardInterrupt: "),
        (SystemExit(1), "FAILED", "SystemExit: 1"),
        (SystemExit(0), "FINISHED", None),
        (Exception("x" * 1000), "FAILED", ("Exception: " + "x" * 1000)[:500]),
    ],
)
def test_an_exception_ends_the_run_and_goes_on(
    error: BaseException, status: str, line: str | None
) -> None:
    with pytest.raises(type(error)) as caught, nbtrail.start_run() as run:
        raise error
    assert caught.value is error
    assert (run.info.status, run.info.error) == (status, line)


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_ends_as_told(status: str) -> None:
    run = nbtrail.start_run()
    nbtrail.end_run(status)  # type: ignore[arg-type]
    assert run.info.status == status


@pytest.mark.parametrize("status", ["RUNNING", "finished", None, 3])
def test_other_ends_are_refused(status: str) -> None:
    with nbtrail.start_run() as run:
        with pytest.raises(InvalidValue, match="FINISHED, FAILED or KILLED"):
            nbtrail.end_run(status)  # type: ignore[arg-type]
        assert run.info.status == "RUNNING"


def test_a_second_run_is_refused_as_by_mlflow() -> None:
    with nbtrail.start_run() as run:
        with pytest.raises(InvalidState, match=f"Run with UUID {run.run_id} is already active"):
            nbtrail.start_run()
        assert nbtrail.active_run() is run


def test_nested_runs_know_their_parent(store: Store) -> None:
    with nbtrail.start_run(run_name="parent") as parent:
        for name in ("first", "second"):
            with nbtrail.start_run(run_name=name, nested=True) as child:
                nbtrail.log_metric(name, 1.0)
                assert child.data.tags["mlflow.parentRunId"] == parent.run_id
        nbtrail.log_metric("parent", 1.0)
    assert "mlflow.parentRunId" not in parent.data.tags
    assert logged(store) == {name: {name: 1.0} for name in ("parent", "first", "second")}


def test_a_parent_by_id(store: Store) -> None:
    parent = store.runs.create("0").info.run_id
    with nbtrail.start_run(parent_run_id=parent) as child:
        assert child.data.tags["mlflow.parentRunId"] == parent


def test_nested_runs_without_with(store: Store) -> None:
    nbtrail.start_run(run_name="a")
    nbtrail.start_run(run_name="b", nested=True)
    nbtrail.log_metric("b", 1.0)
    nbtrail.end_run()
    nbtrail.log_metric("a", 1.0)
    nbtrail.end_run("FAILED")
    assert nbtrail.active_run() is None
    assert logged(store) == {"a": {"a": 1.0}, "b": {"b": 1.0}}
    assert statuses(store) == {"a": ("FAILED", None), "b": ("FINISHED", None)}


def test_a_run_without_with_inside_one_with(store: Store) -> None:
    with nbtrail.start_run(run_name="a"):
        nbtrail.start_run(run_name="b", nested=True)
        nbtrail.log_metric("b", 1.0)
        nbtrail.end_run()
        nbtrail.log_metric("a", 1.0)
    assert logged(store) == {"a": {"a": 1.0}, "b": {"b": 1.0}}


def test_leaving_with_ends_what_was_left_open_in_it(store: Store) -> None:
    def leave() -> None:
        with nbtrail.start_run(run_name="a"):
            nbtrail.start_run(run_name="b", nested=True)
            nbtrail.start_run(run_name="c", nested=True)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        leave()
    assert nbtrail.active_run() is None
    assert statuses(store) == dict.fromkeys("abc", ("FAILED", "ValueError: no"))


def test_ending_a_run_inside_its_with(store: Store) -> None:
    with nbtrail.start_run(run_name="a"):
        nbtrail.end_run("KILLED")
        assert nbtrail.active_run() is None
        nbtrail.start_run(run_name="b")
    assert statuses(store) == {"a": ("KILLED", None), "b": ("RUNNING", None)}
    nbtrail.end_run()


def test_a_run_is_resumed(store: Store) -> None:
    with nbtrail.start_run(run_name="a") as first:
        nbtrail.log_metric("loss", 1.0)
    with nbtrail.start_run(run_id=first.info.run_id) as again:
        assert again.info.status == "RUNNING"
        assert again.info.end_time is None
        nbtrail.log_metric("loss", 0.5, step=1)
    store.drain()
    assert [point.value for point in store.metrics.history(first.run_id, "loss")] == [1.0, 0.5]
    assert statuses(store) == {"a": ("FINISHED", None)}
    with pytest.raises(NotFound, match="no run 'x'"):
        nbtrail.start_run(run_id="x")


def test_threads_have_runs_of_their_own(store: Store) -> None:
    barrier = threading.Barrier(4)

    def work(name: str) -> None:
        with nbtrail.start_run(run_name=name) as run:
            barrier.wait()
            for step in range(200):
                nbtrail.log_metric(name, step, step=step)
            assert nbtrail.active_run() is run
            barrier.wait()
        assert nbtrail.active_run() is None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, "abcd"))
        list(pool.map(work, "efgh"))  # the same threads again
    assert logged(store) == {name: {name: 199.0} for name in "abcdefgh"}
    assert set(statuses(store).values()) == {("FINISHED", None)}


def test_a_thread_without_a_run_uses_the_process_run(store: Store) -> None:
    nbtrail.start_run(run_name="main")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(nbtrail.log_metric, "loss", 1.0).result()
    assert logged(store) == {"main": {"loss": 1.0}}


def test_a_thread_may_have_a_run_beside_the_process_run(store: Store) -> None:
    main = nbtrail.start_run(run_name="main")

    def work() -> None:
        with nbtrail.start_run(run_name="beside") as run:
            nbtrail.log_metric("beside", 1.0)
            assert "mlflow.parentRunId" not in run.data.tags
        with nbtrail.start_run(run_name="below", nested=True) as run:
            nbtrail.log_metric("below", 1.0)
            assert run.data.tags["mlflow.parentRunId"] == main.run_id
        nbtrail.log_metric("main", 1.0)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
    assert nbtrail.active_run() is main
    assert logged(store) == {name: {name: 1.0} for name in ("main", "beside", "below")}


def test_tasks_have_runs_of_their_own(store: Store) -> None:
    async def work(name: str) -> None:
        with nbtrail.start_run(run_name=name):
            for step in range(5):
                nbtrail.log_metric(name, step, step=step)
                await asyncio.sleep(0)
            await inner(name)

    async def inner(name: str) -> None:
        with nbtrail.start_run(run_name=name + "2", nested=True):
            await asyncio.sleep(0)
            nbtrail.log_metric(name + "2", 1.0)

    async def main() -> None:
        await asyncio.gather(*(work(name) for name in "abc"))
        assert nbtrail.active_run() is None

    asyncio.run(main())
    expected = {name: {name: 4.0} for name in "abc"}
    assert logged(store) == expected | {f"{name}2": {f"{name}2": 1.0} for name in "abc"}


def test_a_task_inherits_the_run_that_it_was_started_in(store: Store) -> None:
    async def log() -> None:
        nbtrail.log_metric("loss", 1.0)

    async def main() -> None:
        with nbtrail.start_run(run_name="a"):
            await asyncio.create_task(log())

    asyncio.run(main())
    assert logged(store) == {"a": {"loss": 1.0}}


def test_the_users_random_numbers_stay_as_they_are() -> None:
    import random

    random.seed(1)
    expected = random.random()
    random.seed(1)
    with nbtrail.start_run():
        pass
    assert random.random() == expected


def test_a_thread_without_a_run_uses_that_of_the_main_threads_with(store: Store) -> None:
    with nbtrail.start_run() as run:
        thread = threading.Thread(target=nbtrail.log_metric, args=("loss", 1.0))
        thread.start()
        thread.join()
    store.drain()
    (found,) = store.runs.search()[0]
    assert (found.info.run_id, found.data.metrics) == (run.run_id, {"loss": 1.0})


@pytest.mark.parametrize("name", [5, "copy"])
def test_a_name_is_text_and_beats_a_tag(name: object) -> None:
    tags = {"mlflow.runName": "original", "team": "blue"}
    with nbtrail.start_run(run_name=name, tags=tags) as run:  # type: ignore[arg-type]
        pass
    made = nbtrail.Client().create_run("0", tags=tags, run_name=name)  # type: ignore[arg-type]
    for found in (nbtrail.get_run(run.run_id), made):
        assert found.info.run_name == found.data.tags["mlflow.runName"] == str(name)
        assert found.data.tags["team"] == "blue"
    with nbtrail.start_run(run_id=run.run_id, run_name="third"):
        pass
    assert nbtrail.get_run(run.run_id).info.run_name == "third"


def test_a_run_may_be_sent_elsewhere_and_stays_its_owners(store: Store, workdir: Path) -> None:
    with nbtrail.start_run(run_name="sent") as run:
        for other in (pickle.loads(pickle.dumps(run)), copy.copy(run), copy.deepcopy([run])[0]):
            assert (other.info, other.foreign) == (run.info, True)
        (workdir / "run.pickle").write_bytes(pickle.dumps(run))
        scripts.run(
            """
            import pickle, nbtrail
            with pickle.load(open("run.pickle", "rb")) as run:
                nbtrail.log_metric("elsewhere", 1)
                assert run.info.run_name == "sent"
            """
        )
        assert nbtrail.active_run() is run
        assert run.info.status == "RUNNING"
    assert logged(store)["sent"] == {"elsewhere": 1.0}


LOGS: dict[str, Callable[[], object]] = {
    "metric": lambda: nbtrail.log_metric("x", 2),
    "new metric": lambda: nbtrail.log_metric("new", 2),
    "metrics": lambda: nbtrail.log_metrics({"x": 2}),
    "batch": lambda: nbtrail.log_batch(metrics=[Metric("x", 2, 1)]),
    "param": lambda: nbtrail.log_param("p", 1),
    "tag": lambda: nbtrail.set_tag("t", 1),
    "text": lambda: nbtrail.log_text("a", "b.txt"),
    "stream": lambda: nbtrail.log_stream(io.BytesIO(b"x"), "b.bin"),
    "table": lambda: nbtrail.log_table({"a": 1}, "t.json"),
    "folder": lambda: nbtrail.log_artifacts("."),
}


@pytest.mark.parametrize("kind", LOGS)
def test_a_run_that_is_deleted_while_it_is_current_takes_nothing(store: Store, kind: str) -> None:
    run = nbtrail.start_run(run_name="deleted", log_system_metrics=False)
    nbtrail.log_metric("x", 1)
    nbtrail.delete_run(run.run_id)
    with pytest.raises(InvalidValue, match="is deleted"):
        LOGS[kind]()
    nbtrail.restore_run(run.run_id)
    LOGS[kind]()
    nbtrail.end_run()
    assert run.info.status == "FINISHED"
    assert run.data.metrics["x"] in {1, 2}


def test_a_run_that_others_delete_while_it_goes_on_is_told_once(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LOOK_SECONDS", 0)
    monkeypatch.setattr(journal, "DRAIN_SECONDS", 0)
    run = nbtrail.start_run(log_system_metrics=False)
    nbtrail.log_metric("x", 1)
    store.runs.delete(run.run_id)  # as another process, such as the panel's server, does
    for step in range(300):
        nbtrail.log_metric("x", 1, step)
    assert caplog.text.count(f"the run {run.run_id} is deleted while it goes on") == 1
    for log in LOGS.values():  # a loop does not die of what somebody does in the panel
        log()
    assert caplog.text.count("could not record params (RunDeleted: ") == 1
    nbtrail.end_run()
