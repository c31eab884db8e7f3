"""Sessions and executions: shared by runs, never copied, closed when their process dies."""

from __future__ import annotations

import pytest

from nbtrail.entities import (
    CellExecution,
    Document,
    DocumentCell,
    Finding,
    Metric,
    Param,
    Verdict,
)
from nbtrail.errors import NotFound
from nbtrail.store import Store
from store import scripts


def execute(store: Store, session: str, ordinal: int, cell: str, source: str = "pass") -> int:
    execution = store.trails.begin(session, ordinal, cell, source, 1000 + ordinal, ["tagged"])
    store.trails.end(
        execution,
        "ok",
        execution_count=ordinal + 1,
        duration=0.5,
        error=None,
        outputs=[{"output_type": "stream", "name": "stdout", "text": cell}],
        reads={"x": ordinal - 1 or None},
        writes={"b", "a"},
        opaque=None,
        fingerprints={"a": "1f", "b": ""},
    )
    return execution


@pytest.fixture
def session(store: Store) -> str:
    return store.trails.start_session(1, "a.ipynb", "python3").session_id


def test_an_execution_comes_back_whole(store: Store, session: str) -> None:
    run_id = store.runs.create("0").info.run_id
    execution = execute(store, session, 0, "a", "x = 1")
    store.trails.attach(run_id, [execution], "own")
    store.runs.log_params(run_id, [Param("lr", "1", 1, "inferred", execution)])
    store.metrics.log(run_id, [Metric("acc", 0.5, 1, 0, execution=execution)])
    assert store.trails.executions(run_id) == [
        CellExecution(
            id=execution,
            session_id=session,
            ordinal=0,
            cell_id="a",
            source="x = 1",
            execution_count=1,
            started=1000,
            duration=0.5,
            status="ok",
            outputs=[{"output_type": "stream", "name": "stdout", "text": "a"}],
            reads={"x": -1},
            writes=["a", "b"],
            tags=["tagged"],
            params=["lr"],
            metrics=["acc"],
            fingerprints={"a": "1f", "b": ""},
        )
    ]
    assert store.runs.get(run_id).data.metric_summaries[0].cell_id == "a"
    with pytest.raises(NotFound, match="no run 'x'"):
        store.trails.executions("x")


def test_runs_share_executions_in_order(store: Store, session: str) -> None:
    first, second = (store.runs.create("0").info.run_id for _ in range(2))
    executions = [execute(store, session, ordinal, "abcd"[ordinal]) for ordinal in range(4)]
    store.trails.attach(first, [executions[2]], "own")
    store.trails.attach(first, executions[:3], "prelude")
    store.trails.attach(second, reversed(executions), "prelude")
    store.trails.attach(second, [executions[3]], "own")
    trail = [(e.cell_id, e.role) for e in store.trails.executions(first)]
    assert trail == [("a", "prelude"), ("b", "prelude"), ("c", "own")]
    trail = [(e.cell_id, e.role) for e in store.trails.executions(second)]
    assert trail == [("a", "prelude"), ("b", "prelude"), ("c", "prelude"), ("d", "own")]
    store.trails.detach(second, executions[:3])
    assert [e.cell_id for e in store.trails.executions(second)] == ["d"]
    assert len(store.trails.executions(first)) == 3


def test_a_cell_that_dies_with_its_process_is_closed(store: Store) -> None:
    process = scripts.start(
        """
        import time
        from nbtrail.store import open_store
        store = open_store()
        session = store.trails.start_session(1, None, None).session_id
        run_id = store.runs.create("0", "first").info.run_id
        execution = store.trails.begin(session, 0, "a", "train()", 1000)
        store.trails.attach(run_id, [execution], "own")
        print("running", flush=True)
        time.sleep(60)
        """
    )
    scripts.wait_for(process, "running")
    (run,) = store.runs.search()[0]
    store.drain()
    assert store.trails.executions(run.info.run_id)[0].status == "running"
    scripts.kill(process)
    store.drain()
    assert store.trails.executions(run.info.run_id)[0].status == "killed"
    assert store.runs.get(run.info.run_id).info.status == "KILLED"


def test_an_ended_run_is_not_killed_with_its_process(store: Store) -> None:
    process = scripts.start(
        """
        import nbtrail, time
        with nbtrail.start_run(run_name="ended"):
            nbtrail.log_metric("loss", 1.0)
        nbtrail.start_run(run_name="open")
        print("running", flush=True)
        time.sleep(60)
        """
    )
    scripts.wait_for(process, "running")
    scripts.kill(process)
    store.drain()
    statuses = {run.info.run_name: run.info.status for run in store.runs.search()[0]}
    assert statuses == {"ended": "FINISHED", "open": "KILLED"}


def test_a_session_has_its_executions_whether_runs_do_or_not(store: Store, session: str) -> None:
    other = store.trails.start_session(2, None, None).session_id
    ids = [execute(store, session, ordinal, cell) for ordinal, cell in enumerate("ab")]
    execute(store, other, 0, "c")
    assert [e.id for e in store.trails.session_executions(session)] == ids
    assert store.trails.session_executions("unknown") == []


def test_the_latest_document_and_verdict_of_a_run_are_kept(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    assert store.trails.document(run_id) is store.trails.verdict(run_id) is None
    cells = [DocumentCell("a", "code", "x = 1", ["t"]), DocumentCell(None, "markdown", "# é")]
    for document in (Document("live", cells), Document("file", cells[::-1] * 2, 17)):
        store.trails.put_document(run_id, document)
        assert store.trails.document(run_id) == document
    found = Verdict("stale-inputs", [Finding("stale-inputs", "edited", [3, 1])], "file")
    for verdict in (found, Verdict("linear", [Finding("note", "old")], "live"), found):
        store.trails.put_verdict(run_id, verdict)
        assert store.trails.verdict(run_id) == verdict
        assert store.runs.get(run_id).data.tags["nbtrail.verdict"] == verdict.verdict
    for question in ("trail.verdict = 'stale-inputs'", "tags.`nbtrail.verdict` != 'linear'"):
        (one,), _ = store.runs.search(filter_string=question)
        assert one.info.run_id == run_id
    assert store.runs.search(filter_string="trail.verdict = 'linear'")[0] == []
    for call in (store.trails.document, store.trails.verdict):
        with pytest.raises(NotFound, match="no run 'x'"):
            call("x")
