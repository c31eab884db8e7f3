"""Blocks that use the database: exceptions that strike anywhere in them, forks beside them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from nbtrail.store import Store, forks, journal, open_store
from store import scripts, strikes


@pytest.fixture
def other(store: Store) -> Iterator[sqlite3.Connection]:
    """Another process's view of the store: it waits for no lock."""
    with closing(sqlite3.connect(store.database_path, timeout=0, isolation_level=None)) as opened:
        yield opened


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0").info.run_id


def is_tagged(other: sqlite3.Connection, value: str) -> bool:
    query = "select 1 from tag where key = 'k' and value = ?"
    return other.execute(query, (value,)).fetchone() is not None


def assert_nobody_writes(other: sqlite3.Connection) -> None:
    other.execute("begin immediate")
    other.execute("rollback")


def test_an_exception_at_any_bytecode_leaves_no_transaction_open(
    store: Store, run_id: str, other: sqlite3.Connection
) -> None:
    def tag(value: str) -> None:
        store.runs.set_tags(run_id, {"k": value})

    def handle() -> None:
        tag("handled")
        assert is_tagged(other, "handled")

    places = 0
    for struck in strikes.everywhere(lambda: tag("done"), handle):
        assert struck or is_tagged(other, "done")
        assert_nobody_writes(other)
        places += 1
    assert places > 300


@pytest.mark.parametrize(("what", "step"), [("drain", 11), ("rotate", 11), ("close", 23)])
def test_an_exception_at_any_bytecode_loses_no_point(
    store: Store, run_id: str, other: sqlite3.Connection, what: str, step: int
) -> None:
    series = store.metrics.series_id(run_id, "loss")
    acknowledged = 0

    def log() -> None:
        nonlocal acknowledged
        store.log_point(series, None, acknowledged, 1, 1.0)
        acknowledged += 1

    def work() -> None:
        own = store._writer._journal
        assert own is not None
        {"drain": store.drain, "close": store.close}.get(what, lambda: store._writer._rotate(own))()

    log()
    for _ in strikes.everywhere(work, log, step):
        assert points(store, other) == acknowledged
        assert_nobody_writes(other)
        log()


def points(store: Store, other: sqlite3.Connection) -> int:
    """How many points the tables have, and the journals beside them."""
    applied = dict(other.execute("select uuid, applied from journal"))
    waiting = sum(
        path.stat().st_size - applied[path.name]
        for path in (store.directory / journal.FOLDER).iterdir()
        if path.name in applied
    )
    stored = other.execute("select sum(count) from series").fetchone()[0]
    return int(stored) + waiting // journal.RECORD.size


STRUCK = """
    import ctypes, nbtrail, random, signal, threading, time
    class Strike(Exception):
        pass
    def raises(*_):
        raise Strike
    def by_a_signal():
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.002))
    def by_a_thread(me=threading.get_ident()):
        def strike():
            time.sleep(random.uniform(0.0001, 0.002))
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(me), ctypes.py_object(Strike))
        threading.Thread(target=strike).start()
    signal.signal(signal.SIGALRM, raises)
    run = nbtrail.start_run(log_system_metrics=False)
    logged = []
    for number in range(80):
        try:
            {strike}()
            for _ in range(1000):  # a strike may be swallowed: nbtrail tidies in silence
                key = str(len(logged))
                run.store.runs.set_tags(run.run_id, {{key: "v"}})
                logged.append(key)
                nbtrail.log_metric("loss", 1.0)
        except Strike:
            pass
    print(len(logged))
"""


@pytest.mark.parametrize("strike", ["by_a_signal", "by_a_thread"])
def test_what_returned_before_an_exception_is_there(store: Store, strike: str) -> None:
    logged = int(scripts.run(STRUCK.format(strike=strike)).stdout)
    store.drain()
    (run,) = store.runs.search()[0]
    assert {key for key in run.data.tags if key.isdigit()} >= set(map(str, range(logged)))
    assert run.info.status == "FINISHED"


TERMINATED = """
    import nbtrail, os, signal, sys
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with nbtrail.start_run(run_name=os.environ["WORKER"], log_system_metrics=False):
        for step in range(10**9):
            nbtrail.log_metric("loss", 1.0, step=step)
            nbtrail.set_tag("step", step)
            print(step, flush=True)
"""


def test_what_returned_before_a_termination_is_there(store: Store) -> None:
    processes = scripts.start_all(TERMINATED, 2)
    logged = []
    for process in processes:
        scripts.wait_for(process, "50")
        process.terminate()
        logged.append(["50", *process.communicate()[0].splitlines()][-1])
        assert process.returncode == 0
    store.drain()
    for run in store.runs.search()[0]:
        assert run.data.metric_summaries[0].count > int(logged[int(run.info.run_name)])
        assert run.info.status == "FINISHED"


def test_a_block_around_another_one_is_the_transaction(
    store: Store, run_id: str, other: sqlite3.Connection
) -> None:
    with store.transaction():
        store.runs.set_tags(run_id, {"k": "inner"})
        assert not is_tagged(other, "inner")
    assert is_tagged(other, "inner")


def test_a_journal_stays_until_what_it_held_is_committed(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, os, signal
        nbtrail.log_metric("loss", 1.0)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        code=-9,
    )
    with suppress(strikes.Strike), store.transaction():
        store.drain()
        raise strikes.Strike
    assert store.journal_bytes() > 0
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.data.metrics == {"loss": 1.0}
    assert run.info.status == "KILLED"


def test_a_child_leaves_the_connections_of_its_parent_alone(
    store: Store, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also that of a thread which waits for the database for longer than a fork does."""
    monkeypatch.setattr(forks, "PATIENCE_S", 0.05)
    other.execute("begin immediate")
    waiting = threading.Thread(target=store.experiments.create, args=("waited",))
    waiting.start()
    while not any(handle.in_use() for handle in forks._known()):
        pass
    inherited = {handle.connection for handle in forks._known() if handle.in_use()}

    def work() -> None:
        used = {handle.connection for handle in forks._known()}
        assert used == {None}
        assert store._database.connection not in inherited
        assert not any(handle.in_use() for handle in forks._known())

    scripts.in_child(work)
    other.execute("rollback")
    waiting.join()
    assert open_store(store.uri).experiments.get_by_name("waited") is not None
