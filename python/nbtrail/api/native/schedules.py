"""Schedules: what this server executes again and again."""

from __future__ import annotations

from typing import Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native import jobs, launches
from nbtrail.api.native.launches import Launch, place_of
from nbtrail.entities import Schedule
from nbtrail.projects.background import schedules as planned
from nbtrail.projects.notebooks.folder import Folder

_OF_THE_TASK = {"notebook", "target", "asked", "experiment", "parameters"}


class ScheduleJson(msgspec.Struct):
    """A schedule; `notebook` is a path below the server's root, or null. See `Schedule`."""

    schedule_id: str
    name: str
    cron: str
    notebook: str | None
    target: str | None
    asked: dict[str, Any]
    experiment: str | None
    parameters: dict[str, Any]
    user: str
    created: int
    next: int | None
    last_job: str | None
    missed: int
    missed_at: int | None


class ScheduleList(msgspec.Struct):
    """All schedules, the oldest first."""

    schedules: list[ScheduleJson]


class OneSchedule(msgspec.Struct):
    """One schedule."""

    schedule: ScheduleJson


class NewSchedule(Launch, forbid_unknown_fields=True, kw_only=True):
    """A launch, and when it is executed."""

    cron: str


def schedules(context: Context, _request: Request) -> ScheduleList:
    """``GET schedules``."""
    store = context.store()
    return ScheduleList([_json(context, one) for one in store.schedules.all()] if store else [])


def add(context: Context, request: Request) -> Response:
    """``POST schedules``."""
    wanted = request.body_as(NewSchedule)
    place = place_of(context, wanted)
    asked = launches.asked(context, wanted, place)
    made = planned.add(asked, place, wanted.cron, wanted.entry_point, wanted.version)
    return Response(201, msgspec.json.encode(OneSchedule(_json(context, made))))


def pause(context: Context, request: Request) -> OneSchedule:
    """``POST schedules/{schedule_id}/pause``."""
    store = context.existing_store()
    return OneSchedule(_json(context, planned.pause(store, request.arguments["schedule_id"])))


def resume(context: Context, request: Request) -> OneSchedule:
    """``POST schedules/{schedule_id}/resume``."""
    store = context.existing_store()
    return OneSchedule(_json(context, planned.resume(store, request.arguments["schedule_id"])))


def run(context: Context, request: Request) -> Response:
    """``POST schedules/{schedule_id}/run``: once more than it says."""
    store = context.existing_store()
    return jobs.accepted(context, store, planned.run_now(store, request.arguments["schedule_id"]))


def remove(context: Context, request: Request) -> OneSchedule:
    """``DELETE schedules/{schedule_id}``: answers with what it was."""
    store = context.existing_store()
    return OneSchedule(_json(context, store.schedules.remove(request.arguments["schedule_id"])))


def _json(context: Context, found: Schedule) -> ScheduleJson:
    task = found.task
    fields = {name: getattr(found, name) for name in ScheduleJson.__struct_fields__
              if name not in _OF_THE_TASK}  # fmt: skip
    return ScheduleJson(
        **fields,
        notebook=Folder(context.root).relative(task.notebook) if context.root else None,
        target=launches.shown(context, task.options.get("target")),
        asked=launches.named(context, task.options),
        experiment=task.experiment,
        parameters=task.parameters,
    )
