"""What is said of cells goes through the journal: nothing is lost, and nothing changes places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbtrail.entities import Document, DocumentCell, Finding, Verdict
from nbtrail.store import Store, journal, open_store
from nbtrail.store.cells import (
    Attached,
    CellBegun,
    CellEnded,
    CellNames,
    CellOutputs,
    Event,
    RunDocumented,
    RunEnded,
    RunJudged,
    RunReopened,
)
from store import scripts

TEXT = '{"name": "stdout", "output_type": "stream", "text": "hello"}'


@pytest.fixture
def session(store: Store) -> str:
    return store.trails.start_session(1, "a.ipynb", "python3").session_id


def story(session: str, run_id: str, one: int, source: str = "x = y") -> list[Event]:
    """What is said of a cell from its start to its end."""
    return [
        CellBegun(one, session, 0, "a", source, 5),
        Attached(run_id, [one], "own"),
        RunReopened(run_id),
        CellEnded(one, "ok", 3, 0.25, None, [TEXT]),
        CellNames.of(one, {"y": None}, {"x", "b"}, None, {"x": "1f"}),
        RunDocumented(run_id, Document("live", [DocumentCell("a", "code", source)])),
        RunJudged(run_id, Verdict("hidden-state", [Finding("hidden-state", "y", [one])], "live")),
        RunEnded(run_id, "FINISHED", None, 2**41),
    ]


def check(store: Store, run_id: str, source: str = "x = y") -> None:
    (cell,) = store.trails.executions(run_id)
    assert (cell.source, cell.status, cell.execution_count) == (source, "ok", 3)
    assert cell.outputs == [json.loads(TEXT)]
    assert (cell.reads, cell.writes, cell.fingerprints) == ({"y": None}, ["b", "x"], {"x": "1f"})
    info = store.runs.get(run_id).info
    assert (info.status, info.end_time) == ("FINISHED", 2**41)
    document, verdict = store.trails.document(run_id), store.trails.verdict(run_id)
    assert document
    assert [one.source for one in document.cells] == [source]
    assert verdict
    assert verdict.findings[0].executions == [cell.id]
    assert store.runs.get(run_id).data.tags["nbtrail.verdict"] == "hidden-state"


def test_what_was_said_is_there_for_those_who_drain(store: Store, session: str) -> None:
    run_id = store.runs.create("0").info.run_id
    (one,) = store.cells.reserve(1)
    for event in story(session, run_id, one):
        store.cells.write(event)
    assert store.trails.executions(run_id) == []
    store.drain()
    check(store, run_id)


def test_what_is_too_long_for_the_journal_comes_after_what_was_said_before(
    store: Store, session: str
) -> None:
    run_id = store.runs.create("0").info.run_id
    (one,) = store.cells.reserve(1)
    source = "#" * (journal.MOST_TEXT + 1)
    for event in story(session, run_id, one, source):
        store.cells.write(event)
    store.drain()
    check(store, run_id, source)


def test_outputs_are_replaced_by_what_came_later(store: Store, session: str) -> None:
    run_id = store.runs.create("0").info.run_id
    (one,) = store.cells.reserve(1)
    store.cells.write(*story(session, run_id, one), CellOutputs(one, ['{"a": 1}', '{"a": 2}']))
    store.cells.write(CellOutputs(one, ['{"a": 3}']))
    store.drain()
    assert store.trails.executions(run_id)[0].outputs == [{"a": 3}]


def test_a_killed_process_leaves_its_cells_and_its_run_killed(workdir: Path) -> None:
    scripts.run(
        """
        import os
        from nbtrail.store import open_store
        from nbtrail.store.cells import Attached, CellBegun, CellEnded, RunEnded, RunReopened
        store = open_store(".nbtrail")
        run = store.runs.create("0", "killed").info.run_id
        session = store.trails.start_session(1, None, None).session_id
        first, second = store.cells.reserve(2)
        write = store.cells.write
        write(CellBegun(first, session, 0, "a", "x = 1", 1), Attached(run, [first], "own"))
        write(CellEnded(first, "ok", 1, 0.5, None, []), RunEnded(run, "FINISHED", None, 9))
        write(CellBegun(second, session, 1, "b", "y = 1", 1), Attached(run, [second], "own"))
        write(RunReopened(run))
        os.kill(os.getpid(), 9)
        """,
        code=-9,
    )
    store = open_store(workdir / ".nbtrail")
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.info.status == "KILLED"
    trail = store.trails.executions(run.info.run_id)
    assert [(cell.cell_id, cell.status) for cell in trail] == [("a", "ok"), ("b", "killed")]


def test_what_is_said_of_a_cell_whose_start_was_damaged_spoils_nothing(
    store: Store, session: str
) -> None:
    run_id = store.runs.create("0").info.run_id
    lost, there = store.cells.reserve(2)
    store.cells.write(*story(session, run_id, lost)[1:], CellOutputs(lost, [TEXT]))
    store.cells.write(*story(session, run_id, there))
    store.drain()
    check(store, run_id)


def test_a_run_that_is_gone_is_left_out(store: Store, session: str) -> None:
    (one,) = store.cells.reserve(1)
    store.cells.write(*story(session, "no run", one))
    store.drain()
    assert [cell.id for cell in store.trails.session_executions(session)] == [one]


def test_a_deleted_run_is_not_reopened(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    store.runs.end(run_id, "FINISHED")
    store.cells.write(RunReopened(run_id))
    store.runs.delete(run_id)
    store.drain()
    assert store.runs.get(run_id).info.status == "FINISHED"


def test_ids_are_given_out_once_to_all_processes(store: Store, session: str) -> None:
    printed = scripts.finish(
        scripts.start_all(
            """
            from nbtrail.store import open_store
            print(*(one for _ in range(20) for one in open_store(".nbtrail").cells.reserve(3)))
            """,
            3,
        )
    )
    given = [int(word) for line in printed for word in line.split()]
    given += [store.trails.begin(session, n, "a", "pass", 1) for n in range(3)]
    assert len(given) == len(set(given)) == 183


def test_names_that_are_no_characters_are_stored(store: Store, session: str) -> None:
    one = store.trails.begin(session, 0, "a", "x = 1", 1)
    store.cells.write(CellNames.of(one, {"\ud800": None}, ["\ud800"], None, {}))
    store.drain()
    assert store.trails.session_executions(session)[0].writes == ["\ud800"]
