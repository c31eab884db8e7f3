"""Several processes and one store; processes that are killed."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest

from nbtrail.entities import Run
from nbtrail.store import Store, open_store, records
from store import scripts

LOOP = """
    import nbtrail, os
    with nbtrail.start_run() as run:
        nbtrail.log_param("worker", os.environ.get("WORKER", ""))
        for step in range(10**9):
            nbtrail.log_metric("loss", step / 2, step=step)
            os.write(1, f"{step}\\n".encode())
"""


def runs(store: Store) -> list[Run]:
    store.drain()
    return store.runs.search()[0]


def values(store: Store, run: Run, key: str = "loss") -> list[float]:
    return [point.value for point in store.metrics.history(run.info.run_id, key)]


def killed_in_its_loop(line: str = "3000") -> int:
    """Kill a process in mid-loop; return the last step that was acknowledged to it."""
    process = scripts.start(LOOP)
    scripts.wait_for(process, line)
    acknowledged = scripts.kill(process).split("\n")[:-1]
    return int(acknowledged[-1]) if acknowledged else int(line)


def points_in(journal: Path) -> int:
    """How many points a journal has, beside its params."""
    data = journal.read_bytes()
    return len(records.read(data[: len(data) // 32 * 32]).points.steps)


def test_eight_processes_log_at_once(store: Store) -> None:
    script = """
        import nbtrail, os, sys
        worker = os.environ["WORKER"]
        with nbtrail.start_run(run_name=worker):
            for step in range(6000):
                nbtrail.log_metric("loss", step, step=step)
                if step % 300 == 0:
                    nbtrail.log_param(f"p{step}", worker)
    """
    scripts.finish(scripts.start_all(script, 8))
    found = runs(store)
    assert sorted(run.info.run_name for run in found) == list("01234567")
    for run in found:
        assert run.info.status == "FINISHED"
        assert set(run.data.params.values()) == {run.info.run_name}
        assert len(run.data.params) == 20
        assert values(store, run) == list(range(6000))
    assert list((store.directory / "journal").iterdir()) == []


def test_eight_processes_log_to_one_run(store: Store) -> None:
    shared = store.runs.create("0")
    script = """
        import nbtrail
        for step in range(1000):
            nbtrail.log_metric("loss", 1, step=step)
    """
    workers = [scripts.start(script, NBTRAIL_RUN_ID=shared.info.run_id) for _ in range(8)]
    scripts.finish(workers)
    (run,) = runs(store)
    assert run.data.metric_summaries[0].count == 8000
    assert run.info.status == "RUNNING"


def test_kill_9_loses_nothing_that_was_acknowledged(store: Store) -> None:
    acknowledged = killed_in_its_loop()
    (run,) = runs(store)
    assert values(store, run)[: acknowledged + 1] == [step / 2 for step in range(acknowledged + 1)]
    assert run.data.params == {"worker": ""}
    assert run.info.status == "KILLED"
    assert run.info.error == "The process that recorded this run died."
    assert run.info.end_time is not None
    assert run.info.end_time == run.data.metric_summaries[0].timestamp
    assert list((store.directory / "journal").iterdir()) == []


def test_a_killed_run_does_not_end_before_it_began(store: Store) -> None:
    process = scripts.start(
        """
        import nbtrail, time
        with nbtrail.start_run():
            nbtrail.log_metric("loss", 1.0, timestamp=1)
            print("logged", flush=True)
            time.sleep(60)
        """
    )
    scripts.wait_for(process, "logged")
    scripts.kill(process)
    (run,) = runs(store)
    assert run.info.end_time is not None
    assert run.info.end_time >= run.info.start_time


def test_a_killed_run_does_not_end_in_the_future(store: Store) -> None:
    process = scripts.start(
        """
        import nbtrail, time
        with nbtrail.start_run():
            nbtrail.log_metric("loss", 1.0, timestamp=time.time_ns())
            print("logged", flush=True)
            time.sleep(60)
        """
    )
    scripts.wait_for(process, "logged")
    scripts.kill(process)
    (run,) = runs(store)
    assert run.info.end_time is not None
    assert run.info.end_time <= time.time() * 1000


def test_a_file_of_somebody_elses_among_the_journals_is_left_alone(store: Store) -> None:
    notes = store.directory / "journal" / "notes.txt"
    notes.write_text("mine")
    store.drain()
    assert notes.read_text() == "mine"


def test_a_torn_last_record_is_left_out(store: Store) -> None:
    killed_in_its_loop("100")
    (journal,) = (store.directory / "journal").iterdir()
    whole = points_in(journal)
    with journal.open("ab") as file:
        file.write(struct.pack("<IIq", 1, 0, 10**6))
    (run,) = runs(store)
    assert run.data.metric_summaries[0].count == whole
    assert values(store, run) == [step / 2 for step in range(whole)]


def test_a_journal_that_nobody_knows_is_not_replayed(store: Store) -> None:
    run = store.runs.create("0")
    series = store.metrics.series_id(run.info.run_id, "loss")
    stray = store.directory / "journal" / ("0123456789abcdef" * 2)
    stray.write_bytes(struct.pack("<IIqqd", series, 0, 0, 0, 1.0))
    store.drain()
    assert not stray.exists()
    assert values(store, run) == []


def test_points_of_an_unknown_series_are_dropped(store: Store) -> None:
    run = store.runs.create("0")
    series = store.metrics.series_id(run.info.run_id, "loss")
    store.log_point(series + 99, None, 0, 0, 1.0)
    store.log_point(series, None, 0, 0, 2.0)
    store.drain()
    assert values(store, run) == [2.0]


def test_several_processes_recover_at_once(store: Store) -> None:
    for _ in range(3):
        killed_in_its_loop("200")
    held = {path.name: points_in(path) for path in journals(store)}
    script = """
        from nbtrail.store import open_store
        store = open_store(create=False)
        store.drain()
        # Who finds that another one is recovering a run sees its end a moment later.
        while "RUNNING" in {run.info.status for run in store.runs.search()[0]}:
            store.drain()
        for run in store.runs.search()[0]:
            print(run.data.metric_summaries[0].count, run.info.status)
    """
    printed = scripts.finish(scripts.start_all(script, 6))
    counts = sorted(run.data.metric_summaries[0].count for run in runs(store))
    assert sum(counts) >= sum(held.values()) > 0
    for one in printed:
        assert sorted(one.split("\n")[:-1]) == sorted(f"{count} KILLED" for count in counts)
    for run in runs(store):
        assert values(store, run) == [
            step / 2 for step in range(run.data.metric_summaries[0].count)
        ]


def journals(store: Store) -> list[Path]:
    return list((store.directory / "journal").iterdir())


def test_others_see_the_points_while_the_writer_goes_on(store: Store) -> None:
    process = scripts.start(LOOP)
    scripts.wait_for(process, "50")
    counts: list[int] = []
    while len(counts) < 20:
        (run,) = runs(store)
        counts.append(run.data.metric_summaries[0].count)
        assert run.info.status == "RUNNING"
        time.sleep(0.01)
    scripts.kill(process)
    assert 50 < counts[0] < counts[-1]
    assert counts == sorted(counts)
    (run,) = runs(store)
    seen = values(store, run)
    assert seen == [step / 2 for step in range(len(seen))]


def test_a_reader_sees_commits_by_the_data_version(store: Store) -> None:
    before = store.data_version()
    scripts.run("import nbtrail; nbtrail.log_param('a', 1)")
    assert store.data_version() != before


def test_a_closed_store_leaves_no_journal(store: Store) -> None:
    scripts.run("import nbtrail; nbtrail.log_metric('a', 1)")
    assert store.journal_bytes() == 0
    assert journals(store) == []


@pytest.mark.parametrize("how", ["fork", "multiprocessing"])
def test_a_forked_child_has_a_journal_of_its_own(store: Store, how: str) -> None:
    fork = """
        child = os.fork()
        if child == 0:
            work("child")
            store.close()
            os._exit(0)
        work("parent")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    """
    multiprocessing = """
        import multiprocessing
        child = multiprocessing.get_context("fork").Process(target=work, args=("child",))
        child.start()
        work("parent")
        child.join()
        assert child.exitcode == 0
    """
    scripts.run(
        f"""
        import nbtrail, os
        from nbtrail.tracking import current_store
        run = nbtrail.start_run()
        store = current_store()
        def work(who):
            for step in range(5000):
                nbtrail.log_metric(who, step, step=step)
            nbtrail.log_param(who, "done")
        work("before")
        {fork if how == "fork" else multiprocessing}
        work("after")
        """
    )
    (run,) = runs(store)
    assert run.info.status == "FINISHED"
    assert set(run.data.params) == {"before", "parent", "child", "after"}
    for who in run.data.params:
        assert values(store, run, who) == list(range(5000))


def test_the_death_of_a_forked_child_does_not_touch_the_parent(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, os, signal
        run = nbtrail.start_run()
        nbtrail.log_metric("loss", 1.0)
        child = os.fork()
        if child == 0:
            nbtrail.log_metric("loss", 2.0, step=1)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        run.store.drain()
        assert run.info.status == "RUNNING", run.info
        nbtrail.log_metric("loss", 3.0, step=2)
        """
    )
    (run,) = runs(store)
    assert run.info.status == "FINISHED"
    assert values(store, run) == [1.0, 2.0, 3.0]


def test_a_child_that_exits_leaves_the_run_to_its_parent(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, os, sys
        with nbtrail.start_run() as run:
            nbtrail.log_metric("loss", 1.0)
            child = os.fork()
            if child == 0:
                nbtrail.log_metric("loss", 2.0, step=1)
                sys.exit(3)
            os.waitpid(child, 0)
            assert run.info.status == "RUNNING", run.info
        """
    )
    (run,) = runs(store)
    assert run.info.status == "FINISHED"
    assert values(store, run) == [1.0, 2.0]


def test_a_fork_in_a_loop_of_threads(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, os, threading
        nbtrail.log_metric("loss", -1.0, step=-1)  # no import is under way when it forks
        def work():
            for step in range(20000):
                nbtrail.log_metric("loss", step, step=step)
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for number in range(10):
            child = os.fork()
            if child == 0:
                nbtrail.log_metric(f"child{number}", 1.0)
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        for thread in threads:
            thread.join()
        """
    )
    (run,) = runs(store)
    counts = {metric.key: metric.count for metric in run.data.metric_summaries}
    assert counts == {"loss": 40001, **{f"child{number}": 1 for number in range(10)}}


def test_a_forked_child_may_outlive_its_parent(store: Store) -> None:
    """The last connection that closes takes the write-ahead log away: the parent's must not."""
    store.close()  # nobody else holds the store open
    scripts.run(
        """
        import nbtrail, os
        with nbtrail.start_run(run_name="parent"):
            nbtrail.log_param("a", 1)
        ended, ends = os.pipe()
        ready, readies = os.pipe()
        if os.fork() == 0:
            os.close(ends)
            os.close(ready)
            with nbtrail.start_run(run_name="child"):
                nbtrail.log_param("before", 1)
                os.close(readies)
                os.read(ended, 1)  # the parent is gone
                for number in range(100):
                    nbtrail.log_param(f"p{number}", number)
                    nbtrail.log_metric("loss", number, step=number)
        else:
            os.close(readies)
            os.read(ready, 1)
        """
    )
    found = {run.info.run_name: run for run in runs(store)}
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    assert len(found["child"].data.params) == 101
    assert values(store, found["child"]) == list(range(100))


def test_the_store_outlives_a_change_of_directory() -> None:
    Path("elsewhere").mkdir()
    scripts.run(
        """
        import nbtrail, os
        nbtrail.log_metric("loss", 1.0)
        os.chdir("elsewhere")
        nbtrail.log_metric("loss", 2.0, step=1)
        """
    )
    assert os.listdir("elsewhere") == []  # noqa: PTH208
    assert runs(open_store())[0].data.metrics == {"loss": 2.0}
