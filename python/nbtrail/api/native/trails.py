"""The trail of a run and what is to be thought of it; its surroundings, parent and children."""

from __future__ import annotations

from typing import Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.entities import FindingKind, Status, Verdict, VerdictWord
from nbtrail.errors import NotFound
from nbtrail.serving import list_endpoints
from nbtrail.store import Store
from nbtrail.store.lineage import Lineage, lineage_of
from nbtrail.store.search import Question
from nbtrail.store.tables import PARENT
from nbtrail.store.trail_lists import CellSummary
from nbtrail.store.trails import REPRODUCTION

MOST_CHILDREN = 10_000


class TrailQuery(msgspec.Struct):
    """Whether the outputs come along."""

    outputs: bool = True


class FindingJson(msgspec.Struct):
    """What was found about one cell."""

    kind: FindingKind
    text: str


class CellJson(CellSummary, frozen=True):
    """A cell, its outputs if they were asked for, and what the verdict says of it."""

    outputs: list[msgspec.Raw] | None
    findings: list[FindingJson]


class Trail(msgspec.Struct):
    """The cell executions of a run, in order."""

    executions: list[CellJson]
    verdict: VerdictWord | None


class Outputs(msgspec.Struct):
    """The outputs of one execution, in nbformat's shape."""

    outputs: list[msgspec.Raw]


class VerdictJson(msgspec.Struct):
    """What the trail says of a run, and whether a reproduction has shown it."""

    verdict: Verdict | None
    reproduction: str | None


class RunContext(msgspec.Struct):
    """Where and how a run ran: documents by kind."""

    context: dict[str, dict[str, Any]]


class Relative(msgspec.Struct):
    """A parent or a child."""

    run_id: str
    name: str
    status: Status
    start: int
    end: int | None


class Family(msgspec.Struct):
    """The run that a run is part of, and those that are part of it."""

    parent: Relative | None
    children: list[Relative]


def trail(context: Context, request: Request) -> Trail:
    """``GET runs/{run_id}/trail``."""
    query = request.query_as(TrailQuery)
    store, run_id = context.existing_store(), request.arguments["run_id"]
    cells = store.trail_lists.cells(run_id)
    outputs = store.trail_lists.outputs(run_id) if query.outputs else None
    verdict = store.trails.verdict(run_id)
    found = _findings(verdict)
    executions = [
        CellJson(
            **msgspec.structs.asdict(cell),
            outputs=None if outputs is None else outputs.get(cell.id, []),
            findings=found.get(cell.id, []),
        )
        for cell in cells
    ]
    return Trail(executions, verdict.verdict if verdict else None)


def outputs(context: Context, request: Request) -> Outputs:
    """``GET runs/{run_id}/executions/{execution}/outputs``."""
    store, run_id = context.existing_store(), request.arguments["run_id"]
    execution = request.arguments["execution"]
    if not (execution.isascii() and execution.isdecimal() and len(execution) < 19):
        raise NotFound(f"The run '{run_id:.80}' has no cell execution '{execution:.40}'.")
    return Outputs(store.trail_lists.outputs(run_id, int(execution)).get(int(execution), []))


def verdict(context: Context, request: Request) -> VerdictJson:
    """``GET runs/{run_id}/verdict``."""
    store, run_id = context.existing_store(), request.arguments["run_id"]
    tags = store.runs.get(run_id).data.tags
    return VerdictJson(store.trails.verdict(run_id), tags.get(REPRODUCTION))


def surroundings(context: Context, request: Request) -> RunContext:
    """``GET runs/{run_id}/context``."""
    return RunContext(context.existing_store().contexts.get(request.arguments["run_id"]))


def lineage(context: Context, request: Request) -> Lineage:
    """``GET runs/{run_id}/lineage``."""
    store, run_id = context.existing_store(), request.arguments["run_id"]
    return lineage_of(
        store.runs.get(run_id),
        store.trail_lists.cells(run_id),
        store.registry.logged_models(run_id),
        store.registry.versions_of_run(run_id),
        list_endpoints(store),
    )


def children(context: Context, request: Request) -> Family:
    """``GET runs/{run_id}/children``."""
    store = context.existing_store()
    run = store.runs.get(request.arguments["run_id"])
    mine = f"tags.`{PARENT}` = '{run.info.run_id}'"
    found = store.tables.page(Question("run", mine), [], MOST_CHILDREN).runs
    columns = (found[name] for name in Relative.__struct_fields__)
    relatives = [Relative(*values) for values in zip(*columns, strict=True)]
    return Family(_parent(store, run.data.tags.get(PARENT)), relatives[::-1])


def _parent(store: Store, run_id: str | None) -> Relative | None:
    try:
        info = store.runs.get(run_id).info if run_id else None
    except NotFound:
        return None
    if info is None:
        return None
    return Relative(info.run_id, info.run_name, info.status, info.start_time, info.end_time)


def _findings(verdict: Verdict | None) -> dict[int, list[FindingJson]]:
    """Return what a verdict says of each execution."""
    found: dict[int, list[FindingJson]] = {}
    for finding in verdict.findings if verdict else ():
        for execution in finding.executions:
            found.setdefault(execution, []).append(FindingJson(finding.kind, finding.text))
    return found
