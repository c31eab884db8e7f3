"""Params on their way through the journal: nothing is lost, and the first of two values stays."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import Param, ParamOrigin
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store, drain, journal, params, records
from store import scripts


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0", "first").info.run_id


def param(key: str, value: object, origin: ParamOrigin = "explicit") -> Param:
    return params.check(Param(key, str(value), value, origin))


def stored(store: Store, run_id: str) -> dict[str, str]:
    """Return the params that are in the tables, with nothing drained before."""
    return store.runs.get(run_id).data.params


def drained(store: Store, run_id: str) -> dict[str, str]:
    store.drain()
    return stored(store, run_id)


def own_journal(store: Store) -> Path:
    name = store._writer.name
    assert name is not None
    return store.directory / "journal" / name


def test_a_param_is_in_the_journal_first_and_then_in_the_tables(store: Store, run_id: str) -> None:
    store.params.log(run_id, [param("lr", 0.1), param("größe", "5 µm\n"), param("none", None)])
    assert stored(store, run_id) == {}
    assert own_journal(store).stat().st_size % 32 == 0
    assert drained(store, run_id) == {"lr": "0.1", "größe": "5 µm\n", "none": "None"}
    typed = {record.key: record.typed for record in store.runs.get(run_id).data.param_records}
    assert typed == {"lr": 0.1, "größe": "5 µm\n", "none": None}


def test_kill_9_loses_no_param_that_was_acknowledged(store: Store) -> None:
    process = scripts.start(
        """
        import nbtrail
        nbtrail.start_run()
        with open("acknowledged", "wb", buffering=0) as acknowledged:
            for number in range(10**6):
                nbtrail.log_param(f"p{number}", number)
                acknowledged.write(b".")
                if number == 300:
                    print("on", flush=True)
        """
    )
    scripts.wait_for(process, "on")
    scripts.kill(process)
    store.drain()
    (run,) = store.runs.search()[0]
    found = run.data.params
    assert found == {f"p{number}": str(number) for number in range(len(found))}
    # The last one may have been logged, and the process killed before it could say so.
    assert len(found) - Path("acknowledged").stat().st_size in {0, 1}
    assert run.info.status == "KILLED"


def test_another_value_is_refused_at_once(store: Store, run_id: str) -> None:
    store.params.log(run_id, [param("lr", 0.1)])
    for _ in ("in the journal", "in the tables"):
        with pytest.raises(InvalidValue, match=r"'lr' is '0\.1' already and cannot become '0\.2'"):
            store.params.log(run_id, [param("new", 1), param("lr", 0.2)])
        size = own_journal(store).stat().st_size
        store.params.log(run_id, [param("lr", 0.1)])
        store.drain()
    assert own_journal(store).stat().st_size == size  # what is stored is not written again
    assert stored(store, run_id) == {"lr": "0.1"}


def test_what_was_deleted_may_get_another_value(store: Store, run_id: str) -> None:
    store.params.log(run_id, [param("lr", 0.1), param("old", 1)])
    store.edits.delete_param(run_id, "lr")
    store.edits.rename_param(run_id, "old", "name")
    store.params.log(run_id, [param("lr", 0.2)])
    assert drained(store, run_id) == {"lr": "0.2", "name": "1"}


def test_a_run_that_takes_no_params(store: Store, run_id: str) -> None:
    with pytest.raises(NotFound, match="There is no run 'nowhere'"):
        store.params.log("nowhere", [param("lr", 1)])
    store.runs.delete(run_id)
    with pytest.raises(InvalidValue, match="is deleted and cannot be changed"):
        store.params.log(run_id, [param("lr", 1)])


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [("inferred", "explicit", "2"), ("explicit", "autolog", "1"), ("autolog", "autolog", "2")],
)
def test_origins_weigh_in_the_journal_as_in_the_tables(
    store: Store, run_id: str, first: ParamOrigin, then: ParamOrigin, stays: str
) -> None:
    for key in ("together", "apart"):
        store.params.log(run_id, [param(key, 1, first)])
        if key == "apart":
            store.drain()
        store.params.log(run_id, [param(key, 2, then)])
    assert drained(store, run_id) == {"together": stays, "apart": stays}


OTHER = """
    import nbtrail, sys
    run = nbtrail.start_run()
    nbtrail.log_params({"lr": 0.1, "same": 1})
    print(run.run_id, flush=True)
    sys.stdin.readline()
"""


def test_of_two_values_from_two_processes_the_first_stays_and_that_is_told_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    process = scripts.start(OTHER)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    store.params.log(run_id, [param("lr", 0.2), param("same", 1)])
    for _ in range(2):
        assert drained(store, run_id) == {"lr": "0.1", "same": "1"}
    (told,) = caplog.records
    assert f"two processes gave the param 'lr' of the run {run_id} a value" in told.message
    assert "It stays '0.1'; '0.2' came later" in told.message
    with pytest.raises(InvalidValue, match=r"cannot become '0\.2'"):  # it is known here now
        store.params.log(run_id, [param("lr", 0.2)])
    scripts.finish([process], "end\n")
    assert drained(store, run_id) == {"lr": "0.1", "same": "1"}


def test_a_forked_child_knows_what_its_parent_has_logged(store: Store, run_id: str) -> None:
    store.params.log(run_id, [param("lr", 0.1)])

    def work() -> None:
        with pytest.raises(InvalidValue, match=r"cannot become '0\.2'"):
            store.params.log(run_id, [param("lr", 0.2)])
        store.params.log(run_id, [param("child", 1)])

    scripts.in_child(work)
    assert drained(store, run_id) == {"lr": "0.1", "child": "1"}


def test_what_is_too_long_for_the_journal_is_stored_at_once(store: Store, run_id: str) -> None:
    long = {f"p{number}": "ß" * 6000 for number in range(20)}
    store.params.log(run_id, [param(key, value) for key, value in long.items()])
    assert stored(store, run_id) == long
    with pytest.raises(InvalidValue, match="cannot become"):
        store.params.log(run_id, [param("p3", 1), *(param(f"q{n}", "x" * 6000) for n in range(20))])
    assert drained(store, run_id) == long


def test_texts_between_two_pieces_of_a_long_journal(store: Store, run_id: str) -> None:
    series = store.metrics.series_id(run_id, "loss")
    for number in range(60):
        store.params.log(run_id, [param(f"p{number}", "x" * (4000 + number))])
        for step in range(300):
            store.log_point(series, None, 300 * number + step, 0, 1.0)
    size = own_journal(store).stat().st_size
    assert size > 2 * drain.CHUNK_RECORDS * 32
    assert drained(store, run_id) == {f"p{n}": "x" * (4000 + n) for n in range(60)}
    assert store.runs.get(run_id).data.metric_summaries[0].count == 18_000
    with store._database.read() as connection:
        assert connection.execute("select sum(applied) from journal").fetchone()[0] == size


def test_params_of_a_run_or_a_cell_that_is_gone(
    store: Store, run_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = store.runs.create("0").info.run_id
    store.params.log(other, [param("a", 1)])
    store.params.log(run_id, [Param("b", "1", execution=99)])
    with store._database.write() as connection:
        connection.execute(
            "delete from tag where run = (select id from run where uuid = ?)", [other]
        )
        connection.execute("delete from run where uuid = ?", [other])
    store.close()
    assert "1 of its records are of metrics or runs that are not there" in caplog.text
    (record,) = store.runs.get(run_id).data.param_records
    assert (record.key, record.execution) == ("b", None)
    (finding,) = store.doctor.examine()
    assert "1 damaged, kept in" in finding.problem


def test_a_locked_store_holds_no_param_up(workdir: Path) -> None:
    done = scripts.run(
        """
        import nbtrail, sqlite3
        nbtrail.disable_system_metrics_logging()
        run = nbtrail.start_run()
        other = sqlite3.connect(run.store.database_path, isolation_level=None)
        other.execute("begin immediate")
        for number in range(100):
            nbtrail.log_param(f"p{number}", number)
        assert not run.patience._waiting
        other.execute("rollback")
        assert len(run.data.params) == 100
        """
    )
    assert "yet" not in done.stderr


def test_a_disk_that_takes_half_a_param(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        run = nbtrail.start_run()
        nbtrail.log_metric("loss", 0.0, step=0)
        size, hard = run.store.journal_bytes(), resource.RLIM_INFINITY
        for more in (7, 40, 70, 131, 1000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + more, hard))
            for number in range(20):
                nbtrail.log_param(f"p{more}.{number}", "x" * number)
                nbtrail.log_metric("loss", float(number), step=100 * more + number)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        """
    )
    store.drain()
    (run,) = store.runs.search()[0]
    sizes = (7, 40, 70, 131, 1000)
    assert run.data.params == {f"p{m}.{n}": "x" * n for m in sizes for n in range(20)}
    assert run.data.metric_summaries[0].count == 101
    assert store.doctor.examine() == []


def dead_journal(store: Store, content: bytes) -> Path:
    """Leave behind what a process that was killed does."""
    uuid = journal.new_uuid()
    with store._database.write() as connection:
        row = (uuid, journal.host(), journal.boot_id())
        connection.execute("insert into journal values (?, 0, ?, ?)", row)
    path = store.directory / "journal" / uuid
    path.write_bytes(content)
    return path


def mixed(store: Store, run_id: str) -> bytes:
    """Return a journal in which params and points alternate."""
    series = store.metrics.series_id(run_id, "loss")
    pieces = []
    for number in range(20):
        text = params._encode((run_id, [(f"p{number}", "x" * number, None, "explicit", None)]))
        pieces += [journal.pack_text(text), journal.pack(series, 0, number, 0, -1.0)]
    return b"".join(pieces)


ALL = {f"p{number}": "x" * number for number in range(20)}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(0, 3000), tail=st.binary(max_size=100))
def test_a_journal_that_was_cut_off_in_a_param(store: Store, cut: int, tail: bytes) -> None:
    run_id = store.runs.create("0").info.run_id
    content = mixed(store, run_id)[:cut]
    path = dead_journal(store, content)
    found = drained(store, run_id)
    assert found == dict(list(ALL.items())[: len(found)])
    assert len(found) >= cut // 160
    assert not path.exists()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    flips=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 7)), max_size=20),
    tail=st.binary(max_size=100),
)
def test_flipped_bits_spoil_their_own_param_only(
    store: Store, flips: list[tuple[int, int]], tail: bytes
) -> None:
    run_id = store.runs.create("0").info.run_id
    content = bytearray(mixed(store, run_id))
    for place, bit in flips:
        content[place % len(content)] ^= 1 << bit
    path = dead_journal(store, bytes(content) + tail)
    found = drained(store, run_id)
    assert found.items() <= ALL.items()
    assert len(found) >= 20 - len(flips)
    assert not path.exists()


def test_a_piece_of_a_journal_is_read_as_far_as_it_is_complete() -> None:
    texts = [b'["a"]', b"x" * 32, "ÿ".encode() * 700]
    point = journal.pack(3, 0, -1, -1, float("nan"))
    data = b"".join(journal.pack_text(text) + point for text in texts)
    assert records.read(data).texts == texts
    assert records.read(data).points.steps == [-1, -1, -1]
    for end in range(0, len(data), 32):
        piece = records.read(data[:end])
        assert piece.size <= end
        assert piece.texts == texts[: len(piece.texts)]
        rest = records.read(data[piece.size :])
        assert [*piece.texts, *rest.texts] == texts
        assert len(piece.points.steps) + len(rest.points.steps) == 3


def test_a_damaged_head_of_any_length_is_left_behind() -> None:
    for length, negative in ((-1, 1), (0, 0), (5, -6), (2**40, -(2**40))):
        head = journal.pack(journal.TEXT, 0, length, negative, 0.0)
        piece = records.read(head + journal.pack(1, 0, 0, 0, 0.0))
        assert piece == (piece.points, [], 64)
        assert piece.points.series == [journal.TEXT, 1]


def test_the_memory_of_what_was_logged_is_bounded(
    store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(params, "_MOST_RECENT", 10)
    for number in range(100):
        store.params.log(run_id, [param(f"p{number}", number)])
    assert len(store.params._recent) <= 10
    assert len(drained(store, run_id)) == 100


def test_readers_by_sqlite_alone_see_what_was_drained(store: Store, run_id: str) -> None:
    store.params.log(run_id, [param("lr", 0.1)])
    store.drain_own()
    connection = sqlite3.connect(store.database_path)
    assert connection.execute("select key, value from param").fetchall() == [("lr", "0.1")]
    connection.close()
    assert os.listdir(store.directory / "journal") == [store._writer.name]  # noqa: PTH208
