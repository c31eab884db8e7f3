"""Jobs: notebooks and runs that are executed in the background."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native import launches
from nbtrail.api.native.launches import Launch, Target, place_of
from nbtrail.entities import Job, JobKind, JobRun, JobState
from nbtrail.errors import InvalidValue
from nbtrail.projects.asked import Environment as RunEnvironment
from nbtrail.projects.background import handle as projects
from nbtrail.projects.background import jobs as background
from nbtrail.projects.background.jobs import LogPiece
from nbtrail.projects.grid import MOST_RUNS
from nbtrail.projects.notebooks.folder import Folder
from nbtrail.projects.reproduction.reproduce import Environment
from nbtrail.projects.sweeps import background as sweeps
from nbtrail.store import Store

Parallel = Annotated[int, msgspec.Meta(ge=1, le=MOST_RUNS)] | None
Grid = dict[str, list[Any]] | list[dict[str, Any]] | None


class JobJson(msgspec.Struct):
    """A job as a list shows it; `notebook` is a path below the server's root, or null."""

    job_id: str
    kind: JobKind
    name: str
    notebook: str | None
    target: str | None
    experiment: str | None
    state: JobState
    stopping: bool
    user: str
    created: int
    started: int | None
    ended: int | None
    error: str | None
    counts: dict[str, int]
    cells_done: int
    cells_total: int
    outcome: str | None
    parallel: int | None


class JobRunJson(msgspec.Struct):
    """One of its runs."""

    position: int
    parameters: dict[str, Any]
    state: JobState
    run_id: str | None
    cells_done: int
    cells_total: int | None
    cell: str | None
    started: int | None
    ended: int | None
    outcome: str | None
    error: str | None


class OneJob(msgspec.Struct):
    """A job with its runs."""

    job: JobJson
    runs: list[JobRunJson]


class JobsQuery(msgspec.Struct):
    """How ``GET jobs`` may be asked; `state` may be repeated."""

    state: list[str] = []
    max_results: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    before: str | None = None


class JobList(msgspec.Struct):
    """Some jobs, the newest first; whether there are older ones."""

    jobs: list[JobJson]
    more: bool = False


class LogQuery(msgspec.Struct):
    """From where on the log is wanted, in bytes; a negative offset counts from its end."""

    offset: Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)] = 0


class GridLaunch(Launch, forbid_unknown_fields=True, kw_only=True):
    """A launch, of which there may be several runs at once."""

    grid: Grid = None
    parallel: Parallel = None


class Rerun(msgspec.Struct, forbid_unknown_fields=True):
    """The parameters that are to be other ones."""

    parameters: dict[str, Any] = {}
    grid: Grid = None
    name: str | None = None
    parallel: Parallel = None


class Sweep(Target, forbid_unknown_fields=True, kw_only=True):
    """A target, and the search over its parameters; see `projects.sweep`.

    `parameters` are a range, choices, or one value by name, as texts or as lists.
    """

    parameters: dict[str, Any]
    metric: str
    direction: str
    trials: int | None = None
    parallel: int | None = None
    sampler: str | None = None
    pruner: str | None = None
    timeout: str | float | None = None
    seed: int | None = None
    experiment: str | None = None
    name: str | None = None
    backend: dict[str, Any] | None = None
    env: RunEnvironment = "local"


class Reproduce(msgspec.Struct, forbid_unknown_fields=True):
    """How a run is reproduced; see `projects.reproduce`."""

    tolerance: float = 1e-6
    metrics: dict[str, float] = {}
    repeat: int = 1
    env: Environment = "current"


def launch(context: Context, request: Request) -> Response:
    """``POST jobs``."""
    asked = request.body_as(GridLaunch)
    place = place_of(context, asked)
    if asked.is_plain() and asked.timeout is None:
        store = context.new_store()
        made = background.submit(
            Path(place),
            asked.parameters,
            asked.grid,
            store=store,
            experiment=asked.experiment,
            name=asked.name,
            parallel=asked.parallel,
        )
        return accepted(context, store, made)
    if asked.grid is not None:
        raise InvalidValue("Only a notebook is run over a grid, here and in its environment.")
    what = replace(launches.asked(context, asked, place), parallel=asked.parallel)
    handle = projects.submit(what, place, asked.entry_point, asked.version)
    store = context.existing_store()
    return accepted(context, store, store.jobs.get(handle.job_id))


def sweep(context: Context, request: Request) -> Response:
    """``POST sweeps``."""
    asked = request.body_as(Sweep)
    place, store = place_of(context, asked), context.new_store()
    given = msgspec.structs.asdict(asked)
    for name in ("notebook", "project"):
        del given[name]
    made = sweeps.submit(place, given.pop("parameters"), store=store, **given)
    return accepted(context, store, made)


def rerun(context: Context, request: Request) -> Response:
    """``POST runs/{run_id}/rerun``."""
    asked = request.body_as(Rerun)
    store = context.existing_store()
    made = background.submit_rerun(
        request.arguments["run_id"],
        asked.parameters,
        asked.grid,
        store=store,
        name=asked.name,
        parallel=asked.parallel,
    )
    return accepted(context, store, made)


def reproduce(context: Context, request: Request) -> Response:
    """``POST runs/{run_id}/reproduce``."""
    asked = request.body_as(Reproduce)
    store = context.existing_store()
    made = background.submit_reproduction(
        request.arguments["run_id"], store=store, **msgspec.structs.asdict(asked)
    )
    return accepted(context, store, made)


def jobs(context: Context, request: Request) -> JobList:
    """``GET jobs``."""
    query = request.query_as(JobsQuery)
    store = context.store()
    if store is None:
        return JobList([])
    found = store.jobs.list(query.state, query.max_results + 1, query.before)
    shown = [_json(context, one) for one in found[: query.max_results]]
    return JobList(shown, len(found) > query.max_results)


def job(context: Context, request: Request) -> OneJob:
    """``GET jobs/{job_id}``."""
    store = context.existing_store()
    return _with_runs(context, store, store.jobs.get(request.arguments["job_id"]))


def log(context: Context, request: Request) -> LogPiece:
    """``GET jobs/{job_id}/log``."""
    query = request.query_as(LogQuery)
    return background.read_log(context.existing_store(), request.arguments["job_id"], query.offset)


def stop(context: Context, request: Request) -> Response:
    """``POST jobs/{job_id}/stop``: what runs is interrupted soon, what waits is not started."""
    store = context.existing_store()
    return accepted(context, store, store.jobs.stop(request.arguments["job_id"]))


def retry(context: Context, request: Request) -> Response:
    """``POST jobs/{job_id}/retry``."""
    store = context.existing_store()
    return accepted(context, store, background.retry(store, request.arguments["job_id"]))


def accepted(context: Context, store: Store, made: Job) -> Response:
    """Answer with a job that will be executed, or ended."""
    return Response(202, msgspec.json.encode(_with_runs(context, store, made)))


def _with_runs(context: Context, store: Store, found: Job) -> OneJob:
    runs = [_run_json(one) for one in store.jobs.runs(found.job_id)]
    return OneJob(_json(context, found), runs)


def _json(context: Context, found: Job) -> JobJson:
    fields = {name: getattr(found, name) for name in JobJson.__struct_fields__}
    shown = Folder(context.root).relative(found.notebook) if context.root else None
    asked = found.options.get("settings") or found.options
    target = found.target or launches.shown(context, asked.get("target"))
    return JobJson(**fields | {"notebook": shown, "target": target})


def _run_json(found: JobRun) -> JobRunJson:
    return JobRunJson(**{name: getattr(found, name) for name in JobRunJson.__struct_fields__})
