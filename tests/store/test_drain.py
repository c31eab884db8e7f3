"""What may be wrong when journals are drained: damaged files, a locked, full or foreign store."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.errors import StoreError
from nbtrail.store import Store, drain, journal, mounts, open_store
from store import scripts


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0").info.run_id


def values(store: Store, run_id: str) -> list[float]:
    return [point.value for point in store.metrics.history(run_id, "loss")]


def dead_journal(store: Store, content: bytes, applied: int = 0, host: str | None = None) -> Path:
    """Leave behind what a process that was killed does: a row, and a file that nobody locks."""
    uuid = journal.new_uuid()
    with store._database.write() as connection:
        connection.execute(
            "insert into journal values (?, ?, ?, ?)",
            (uuid, applied, host or journal.host(), journal.boot_id()),
        )
    path = store.directory / "journal" / uuid
    path.write_bytes(content)
    return path


def records(series: int, count: int) -> bytes:
    return b"".join(journal.pack(series, 0, step, step, step / 2) for step in range(count))


def is_forgotten(store: Store, uuid: str) -> bool:
    with store._database.read() as connection:
        row = connection.execute("select 1 from journal where uuid = ?", (uuid,)).fetchone()
    return row is None


def test_a_journal_that_was_cut_off_is_told_and_kept_aside(
    store: Store, run_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    series = store.metrics.series_id(run_id, "loss")
    cut = dead_journal(store, records(series, 10), applied=3200)
    sound = dead_journal(store, records(series, 20))
    store.drain()
    assert values(store, run_id) == [step / 2 for step in range(20)]
    assert not cut.exists()
    assert not sound.exists()
    assert is_forgotten(store, cut.name)
    kept = cut.parent / journal.DAMAGED / cut.name
    assert kept.stat().st_size == 320
    assert f"damaged journal: it has 320 bytes, and 3200 had been read. It is kept as {kept}" in (
        caplog.text
    )
    store.drain()
    assert len(caplog.records) == 1


def test_records_of_no_series_are_told_and_the_file_is_kept(
    store: Store, run_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    series = store.metrics.series_id(run_id, "loss")
    path = dead_journal(store, records(series, 3) + records(series + 1000, 4) + b"torn")
    store.drain()
    assert values(store, run_id) == [0.0, 0.5, 1.0]
    assert "4 of its records are of metrics or runs that are not there" in caplog.text
    assert (path.parent / journal.DAMAGED / path.name).exists()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    flips=st.lists(st.tuples(st.integers(0, 32 * 50 - 1), st.integers(0, 7)), max_size=20),
    tail=st.binary(max_size=100),
)
def test_flipped_bits_never_stop_a_drain(
    store: Store, flips: list[tuple[int, int]], tail: bytes
) -> None:
    run_id = store.runs.create("0").info.run_id
    content = bytearray(records(store.metrics.series_id(run_id, "loss"), 50) + tail)
    for place, bit in flips:
        content[place] ^= 1 << bit
    path = dead_journal(store, bytes(content))
    store.drain()
    assert not path.exists()
    assert is_forgotten(store, path.name)
    if not flips:
        assert values(store, run_id)[:50] == [step / 2 for step in range(50)]


def test_what_is_no_journal_is_left_alone(store: Store, run_id: str, workdir: Path) -> None:
    precious = workdir / "precious"
    precious.write_bytes(b"x" * 64)
    folder = store.directory / "journal"
    (folder / "link").symlink_to(precious)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    store.drain()
    assert precious.read_bytes() == b"x" * 64
    assert sorted(path.name for path in folder.iterdir() if len(path.name) < 32) == [
        "folder", "link", "pipe",
    ]  # fmt: skip


def test_a_live_journal_that_somebody_cut_off_is_replaced(
    store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = store.metrics.series_id(run_id, "loss")
    for step in range(100):
        store.log_point(series, None, step, 0, 1.0)
    store.drain_own()
    (path,) = (store.directory / "journal").iterdir()
    os.truncate(path, 32)
    monkeypatch.setattr(journal, "LOOK_SECONDS", -1.0)
    monkeypatch.setattr(journal, "DRAIN_SECONDS", -1.0)
    for step in range(100, 300):
        store.log_point(series, None, step, 0, 1.0)
    store.drain()
    assert values(store, run_id)[-100:] == [1.0] * 100
    assert [one.name for one in path.parent.iterdir() if one.name == path.name] == []
    assert store.runs.get(run_id).info.status == "RUNNING"


LOCKED = """
    import nbtrail, sqlite3, threading, time
    run = nbtrail.start_run()
    nbtrail.log_metric("loss", 0.0, step=0)
    other = sqlite3.connect(run.store.directory / "nbtrail.db", isolation_level=None,
                            check_same_thread=False)
    other.execute("begin immediate")
    threading.Timer(1.5, other.execute, ["commit"]).start()
    for step in range(1, 200_000):
        nbtrail.log_metric("loss", float(step), step=step)
    nbtrail.log_param("patient", 1)
"""


def test_a_locked_store_holds_nobody_up_but_those_who_must_wait(store: Store) -> None:
    done = scripts.run(LOCKED)
    assert done.stderr == ""
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.data.params == {"patient": "1"}
    assert run.data.metric_summaries[0].count == 200_000


def test_a_writer_at_once_does_not_wait(store: Store) -> None:
    other = sqlite3.connect(store.directory / "nbtrail.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreError, match="is in use"), store._database.write(patient=False):
        pass
    other.execute("rollback")
    other.close()
    with store._database.write(patient=False) as connection:
        assert connection.execute("pragma busy_timeout").fetchone()[0] == 10_000


def test_readers_go_on_where_nothing_can_be_drained(
    store: Store, run_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 0, 0, 1.0)
    with store._database.write() as connection:
        connection.execute("create trigger full before insert on point begin "
                           "select raise(abort, 'no more room'); end")  # fmt: skip
    for _ in range(2):
        store.drain()
        assert store.runs.get(run_id).info.status == "RUNNING"
    assert [record.message for record in caplog.records if "no more room" in record.message] == [
        f"nbtrail could not bring the latest metric points of {store.directory} into its "
        "database (no more room). They are in its journal. 'nbtrail doctor' says what is wrong."
    ]
    with store._database.write() as connection:
        connection.execute("drop trigger full")
    store.drain()
    assert values(store, run_id) == [1.0]


FULL_DISK = """
    import nbtrail, os, resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    nbtrail.set_tracking_uri("disk/.nbtrail")
    run = nbtrail.start_run()
    nbtrail.log_metric("loss", 0.0, step=0)
    try:
        with open("disk/filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 512) and filler.tell() < 2**22:
                pass
    except OSError:
        pass  # the disk is full
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (32 * 50, hard))  # it is not a small one
    for step in range(1, 3000):
        nbtrail.log_metric("loss", float(step), step=step)
    nbtrail.log_metric("new", 7.0)
    os.unlink("disk/filler")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    nbtrail.log_metric("loss", 3000.0, step=3000)
"""


@pytest.fixture
def small_disk(workdir: Path) -> Iterator[Path]:
    """Mount a disk of 2 MB where that is allowed; else there is only its directory."""
    disk = workdir / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=2m", "none", str(disk)]
    mounted = subprocess.run(["mount", *options], check=False, capture_output=True)
    yield disk
    if mounted.returncode == 0:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    done = scripts.run(FULL_DISK)
    assert "Traceback" not in done.stderr
    told = "nbtrail keeps metric points and params in memory until the disk takes them"
    assert told in done.stderr
    store = open_store(small_disk / ".nbtrail")
    store.drain()
    (run,) = store.runs.search()[0]
    assert values(store, run.info.run_id) == list(map(float, range(3001)))
    assert run.data.metrics["new"] == 7.0
    assert run.info.status == "FINISHED"
    store.close()


def test_a_write_under_way_when_the_journal_rotates_is_not_lost(
    store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold a writer between the look at the file and the write, for as long as a rotation takes."""
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 0, 0, 0.0)
    writer, real = store._writer, os.write
    inside, go_on = threading.Event(), threading.Event()

    def slow(descriptor: int, record: bytes, _size: int) -> int:
        if threading.current_thread() is late:
            inside.set()
            go_on.wait()
        return real(descriptor, record)

    monkeypatch.setattr(journal, "_write", slow)
    late = threading.Thread(target=store.log_point, args=(series, None, 1, 0, 1.0))
    late.start()
    inside.wait()
    assert writer._journal is not None
    writer._rotate(writer._journal)
    store.log_point(series, None, 2, 0, 2.0)
    go_on.set()
    late.join()
    assert len([*(store.directory / "journal").iterdir()]) == 2
    store.drain()
    assert values(store, run_id) == [0.0, 1.0, 2.0]
    assert not writer._put_away(writer._journal)
    assert len([*(store.directory / "journal").iterdir()]) == 1
    assert store.runs.get(run_id).info.status == "RUNNING"


def test_a_clock_that_goes_backwards(store: Store) -> None:
    run_id = store.runs.create("0", start_time=5_000_000_000_000).info.run_id
    series = store.metrics.series_id(run_id, "loss")
    for step in range(100):
        store.log_point(series, None, step, 4_000_000_000_000 - step, float(step))
    store.drain()
    assert values(store, run_id) == list(map(float, range(100)))
    drain.close_books(store._database, store._writer.owner(), "died")
    info = store.runs.get(run_id).info
    assert info.end_time == info.start_time


@pytest.fixture
def networked(
    workdir: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Have the test's directory pass for one on a server."""
    table = tmp_path_factory.mktemp("proc") / "mounts"
    place = str(workdir).replace(" ", r"\040")
    table.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/home {place} nfs4 rw 0 0\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    return workdir


def test_a_networked_store_is_slower_and_says_so_once(
    networked: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(networked / "home")
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 0, 0, 1.0)
    threading.Thread(target=store.drain).start()
    store.drain()
    assert values(store, run_id) == [1.0]
    with store._database.read() as connection:
        assert connection.execute("pragma journal_mode").fetchone()[0] == "truncate"
    (told,) = [record.message for record in caplog.records]
    assert "file system (nfs4)" in told
    assert "NBTRAIL_TRACKING_URI" in told


def test_on_a_networked_store_other_machines_journals_are_left_to_them(networked: Path) -> None:
    store = open_store(networked / "home")
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    theirs = dead_journal(store, records(series, 3), host="another")
    ours = dead_journal(store, records(series, 2))
    store.drain()
    assert theirs.exists()
    assert not ours.exists()
    assert values(store, run_id) == [0.0, 0.5]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("x /a nfs rw 0 0", "nfs"), ("x /a cifs rw 0 0", "cifs"), ("x /a 9p rw 0 0", "9p"),
        ("x /a fuse.sshfs rw 0 0", "fuse.sshfs"), ("x /a fuse.fuse-overlayfs rw 0 0", ""),
        ("x /a lustre rw 0 0", "lustre"), ("x /a ext4 rw 0 0", ""), ("x /ab nfs rw 0 0", ""),
        ("x /a/b/c nfs rw 0 0", ""), (r"x /a/b\040b nfs rw 0 0", ""), ("", ""),
        ("x /a nfs rw 0 0\nx /a/b xfs rw 0 0", ""), ("x /a xfs rw 0 0\nx /a nfs rw 0 0", "nfs"),
    ],
)  # fmt: skip
def test_file_systems_by_type(
    line: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "mounts")
    assert mounts.networked(Path("/a/b")) == ""
    (tmp_path / "mounts").write_text(f"x / ext4 rw 0 0\n{line}\n")
    assert mounts.networked(Path("/a/b")) == kind
