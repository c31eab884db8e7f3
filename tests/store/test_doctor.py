"""What the doctor finds in a store that somebody has damaged, and what it repairs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nbtrail.entities import Metric, Param
from nbtrail.store import Store
from nbtrail.store.doctor import Finding
from store import scripts

Damage = Callable[[str], None]


@pytest.fixture
def run_id(store: Store) -> str:
    """Record a run with a long metric, a short one, a trail and a dataset's worth of rows."""
    experiment = store.experiments.create("wine").experiment_id
    run_id = store.runs.create(experiment, "first", tags={"team": "blue"}).info.run_id
    store.metrics.log(run_id, [Metric("loss", 1 / (n + 1), n, n) for n in range(600)])
    store.metrics.log(run_id, [Metric("loss", float("nan"), 1, 7), Metric("acc", 0.5, 1, 0)])
    store.runs.log_params(run_id, [Param("lr", "0.1")])
    session = store.trails.start_session(1, "wine.ipynb", "python3").session_id
    execution = store.trails.begin(session, 0, "a", "lr = 0.1", 1)
    store.trails.attach(run_id, [execution], "own")
    return run_id


@pytest.fixture
def damage(store: Store, run_id: str) -> Damage:
    """Change the database behind the store's back."""

    def run(statement: str) -> None:
        with closing(sqlite3.connect(store.database_path)) as connection:
            connection.execute(statement)
            connection.commit()

    return run


def found(store: Store) -> list[Finding]:
    return store.doctor.examine()


def test_a_sound_store(store: Store, run_id: str) -> None:
    assert found(store) == []
    assert store.doctor.examine(repair=True) == []


@pytest.mark.parametrize(
    ("statement", "area", "problem"),
    [
        ("delete from experiment where name = 'wine'", "references", "1 of run refer to a exp"),
        ("delete from session", "references", "1 of execution refer to a session"),
        ("delete from metric where key = 'acc'", "references", "1 of series refer to a metric"),
        ("insert into tag values (99, 'a', 'b')", "references", "1 of tag refer to a run"),
        ("update param set execution = 99", "references", "1 of param refer to a execution"),
        ("drop view runs_view", "views", "runs_view"),
        ("insert into point values (99, 0, 0, 0, 0, null)", "points", "points of 1 series"),
        ("update series set count = 1 where count > 1", "series", "metric 'loss' of run"),
        ("update series set last = 9 where count > 1", "series", "metric 'loss' of run"),
        ("update series set max = 9", "series", "and 1 others"),
        ("update series set max_step = 7 where count = 1", "series", "metric 'acc' of run"),
        ("update block set max = 9 where size = 16 and step = 16", "blocks", "metric 'loss'"),
        ("update block set sum = 99 where size = 256", "blocks", "metric 'loss'"),
        ("update block set spread = 99 where size = 256", "blocks", "metric 'loss'"),
        ("update block set last_step = last_step + 1", "blocks", "metric 'loss'"),
        ("update block set chart = zeroblob(56)", "blocks", "metric 'loss'"),
        ("delete from block", "blocks", "metric 'loss'"),
        ("delete from point where step between 20 and 30", "series", "metric 'loss'"),
        ("insert into journal values ('gone', 0, 'here', '')", "journals", "1 registered without"),
        ("update run set journal = 'gone'", "journals", "1 of run still running"),
    ],
)
def test_what_is_wrong_is_found_and_repaired(
    store: Store, run_id: str, damage: Damage, statement: str, area: str, problem: str
) -> None:
    damage(statement)

    first = found(store)
    assert (first[0].area, first[0].repaired) == (area, False)
    assert problem in first[0].problem
    assert first[0].advice.startswith("'nbtrail doctor --repair' ")

    repaired = store.doctor.examine(repair=True)
    assert {f.repaired for f in repaired} == {True}
    assert repaired[0].advice.startswith("Repaired: ")
    assert found(store) == []
    run = store.runs.get(run_id)
    assert run.info.run_name == "first"
    assert run.data.tags["team"] == "blue"


def test_repaired_totals_and_blocks_are_what_they_were(
    store: Store, run_id: str, damage: Damage
) -> None:
    def maintained() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(store.database_path)) as connection:
            series = connection.execute("select * from series order by id").fetchall()
            blocks = connection.execute("select series, sum(n) from block group by 1, size")
            return [*series, *blocks]

    before = maintained()
    damage("update series set count = 0, last = null, min = null, max = 7, last_ts = 0")
    damage("delete from block where step > 100")
    store.doctor.examine(repair=True)
    assert maintained()[:2] == before[:2]
    assert found(store) == []


def test_rows_that_are_worth_keeping_get_what_they_refer_to(
    store: Store, run_id: str, damage: Damage
) -> None:
    experiment_id = store.runs.get(run_id).info.experiment_id
    damage(f"delete from experiment where id = {experiment_id}")
    store.doctor.examine(repair=True)
    assert store.experiments.get(experiment_id).name == f"Recovered {experiment_id}"
    assert [run.info.run_id for run in store.runs.search([experiment_id])[0]] == [run_id]


def test_damaged_pages_are_told_and_nothing_else_is_touched(workdir: Path) -> None:
    scripts.run(
        """
        import nbtrail
        for n in range(80): nbtrail.log_param(f"p{n}", "x" * 900)
        """
    )
    database = workdir / ".nbtrail" / "nbtrail.db"
    content = bytearray(database.read_bytes())
    middle = len(content) * 3 // 4 // 4096 * 4096
    content[middle : middle + 8192] = os.urandom(8192)
    database.write_bytes(content)
    script = """
        from nbtrail.store import open_store
        for finding in open_store().doctor.examine(repair=True):
            print(finding.area, finding.repaired, finding.advice)
    """
    told = set(scripts.run(script).stdout.splitlines())
    assert told == {"database False Restore a backup, or move the store away to start afresh."}


def test_permissions(store: Store, run_id: str) -> None:
    store.directory.chmod(0o777)
    store.database_path.chmod(0o666)
    problems = [finding.problem for finding in found(store)]
    assert problems == [
        f"everybody on this machine can write {store.directory}",
        f"everybody on this machine can write {store.database_path}",
    ]
    store.doctor.examine(repair=True)
    assert store.directory.stat().st_mode & 0o777 == 0o775
    assert store.database_path.stat().st_mode & 0o777 == 0o664


def test_damaged_journals_that_were_kept_aside_are_told(store: Store, run_id: str) -> None:
    aside = store.directory / "journal" / "damaged"
    aside.mkdir()
    (aside / "abc").write_bytes(b"x" * 33)
    (finding,) = found(store)
    assert (finding.area, finding.repaired) == ("journals", False)
    assert f"1 damaged, kept in {aside}" in finding.problem


def test_others_write_while_the_doctor_looks(store: Store, run_id: str) -> None:
    script = """
        import sys, nbtrail
        print("ready", flush=True)
        sys.stdin.readline()
        for n in range(200): nbtrail.log_param(f"p{n}", n)
    """
    process = scripts.start(script)
    scripts.wait_for(process, "ready")
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    while process.poll() is None:
        assert found(store) == []
    scripts.finish([process])
