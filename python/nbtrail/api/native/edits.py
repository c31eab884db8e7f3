"""Runs changed by people: name, note, tags, star and colour; deleted and restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.runs import OneRun, run_json
from nbtrail.entities import Edit
from nbtrail.store import Store
from nbtrail.store.tables import COLOR, STAR

Color = Annotated[str, msgspec.Meta(pattern="^#[0-9a-fA-F]{6}$")]
RunIds = Annotated[list[str], msgspec.Meta(max_length=10_000)]


class RunChanges(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be changed; a tag or a color that is None is deleted."""

    name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    tags: dict[str, str | None] = {}
    star: bool | UnsetType = UNSET
    color: Color | UnsetType | None = UNSET


class ManyRuns(msgspec.Struct, forbid_unknown_fields=True):
    """The ids of some runs."""

    run_ids: RunIds


class Edits(msgspec.Struct):
    """Who changed what of a run, in order."""

    edits: list[Edit]


def change(context: Context, request: Request) -> OneRun:
    """``PATCH runs/{run_id}``."""
    wanted = request.body_as(RunChanges)
    store, run_id = context.existing_store(), request.arguments["run_id"]
    with store.transaction():
        if not isinstance(wanted.name, UnsetType):
            store.runs.update(run_id, name=wanted.name)
        if not isinstance(wanted.note, UnsetType):
            store.edits.set_note(run_id, wanted.note)
        _put_tags(store, run_id, wanted.tags | _marks(wanted))
        return OneRun(run_json(store.runs.get(run_id)))


def delete(context: Context, request: Request) -> ManyRuns:
    """``POST runs/delete``."""
    return _each(context, request, lambda store: store.runs.delete)


def restore(context: Context, request: Request) -> ManyRuns:
    """``POST runs/restore``."""
    return _each(context, request, lambda store: store.runs.restore)


def audit(context: Context, request: Request) -> Edits:
    """``GET runs/{run_id}/audit``."""
    store = context.existing_store()
    run_id = store.runs.get(request.arguments["run_id"]).info.run_id
    return Edits(store.audit.of("run", run_id))


def _each(
    context: Context, request: Request, change: Callable[[Store], Callable[[str], None]]
) -> ManyRuns:
    """Do something with all of the runs, or with none."""
    wanted = request.body_as(ManyRuns)
    store = context.existing_store()
    with store.transaction():
        for run_id in wanted.run_ids:
            change(store)(run_id)
    return wanted


def _marks(wanted: RunChanges) -> dict[str, str | None]:
    """Return star and colour as the tags that they are."""
    found: dict[str, str | None] = {}
    if not isinstance(wanted.star, UnsetType):
        found[STAR] = "true" if wanted.star else None
    if not isinstance(wanted.color, UnsetType):
        found[COLOR] = wanted.color
    return found


def _put_tags(store: Store, run_id: str, tags: Mapping[str, str | None]) -> None:
    known = store.runs.get(run_id).data.tags
    store.runs.set_tags(run_id, {key: value for key, value in tags.items() if value is not None})
    for key, value in tags.items():
        if value is None and key in known:
            store.runs.delete_tag(run_id, key)
