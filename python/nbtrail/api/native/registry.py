"""The registry beyond notes: search, history, comparison; rename, copy, delete."""

from __future__ import annotations

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.models import ModelJson, OneModel, OneVersion, VersionJson, model_json
from nbtrail.api.native.models import version_jsons as jsons
from nbtrail.entities import ModelChange
from nbtrail.errors import InvalidValue
from nbtrail.models import cards
from nbtrail.registry import compare_versions
from nbtrail.registry.comparison import Section
from nbtrail.store import Store
from nbtrail.store.chain import By

MOST_CHANGES = 1000


class SearchQuery(msgspec.Struct):
    """What is asked for."""

    filter: str = ""
    order_by: list[str] = []
    max_results: int = 100
    page_token: str | None = None


class FoundVersions(msgspec.Struct):
    """A page of versions."""

    versions: list[VersionJson]
    next_page_token: str | None


class HistoryQuery(msgspec.Struct):
    """Which changes: those of one version, those before the one with an id."""

    version: str | None = None
    limit: int = 100
    before: int | None = None


class Changes(msgspec.Struct):
    """Changes, the latest first; `more` says that there are older ones."""

    changes: list[ModelChange]
    more: bool


class CompareQuery(msgspec.Struct):
    """Which versions; `right_name` where the right one is another model's."""

    left: str
    right: str
    right_name: str | None = None


class RowJson(msgspec.Struct):
    """What two versions have under one key."""

    key: str
    left: str | None
    right: str | None
    change: str


class SectionJson(msgspec.Struct):
    """One subject of a comparison."""

    title: str
    note: str | None
    rows: list[RowJson]


class Comparison(msgspec.Struct):
    """Two versions side by side."""

    left: VersionJson
    right: VersionJson
    sections: list[SectionJson]


class Card(msgspec.Struct):
    """What is said of a version and what is known of it, in Markdown."""

    notes: str
    facts: str


class ReasonQuery(msgspec.Struct):
    """Why."""

    reason: str | None = None


class Why(msgspec.Struct, forbid_unknown_fields=True):
    """Why something is brought back."""

    reason: str | None = None


class NewName(msgspec.Struct, forbid_unknown_fields=True):
    """Another name for a model."""

    new_name: str
    reason: str | None = None


class CopyTarget(msgspec.Struct, forbid_unknown_fields=True):
    """The model whose next version a copy is to be."""

    name: str
    reason: str | None = None


class Deleted(msgspec.Struct):
    """The name of a model that is gone."""

    deleted: str


def search(context: Context, request: Request) -> FoundVersions:
    """``GET models/search``."""
    asked = request.query_as(SearchQuery)
    store = context.store()
    if store is None:
        return FoundVersions([], None)
    found, token = store.registry.search.versions(
        asked.filter, asked.max_results, asked.order_by, asked.page_token
    )
    return FoundVersions(jsons(store, found), token)


def history(context: Context, request: Request) -> Changes:
    """``GET models/{name}/history``."""
    asked = request.query_as(HistoryQuery)
    if not 0 < asked.limit <= MOST_CHANGES:
        raise InvalidValue(f"The limit must be from 1 to {MOST_CHANGES}.")
    edits = context.existing_store().registry.edits
    name = request.arguments["name"]
    found = edits.history(name, asked.version, asked.limit + 1, asked.before)
    return Changes(found[: asked.limit], len(found) > asked.limit)


def card(context: Context, request: Request) -> Card:
    """``GET models/{name}/versions/{version}/card``."""
    store = context.existing_store()
    name, number = request.arguments["name"], request.arguments["version"]
    version = store.registry.version(name, number)
    return Card(version.description, cards.facts(f"models:/{name}/{number}", store))


def compare(context: Context, request: Request) -> Comparison:
    """``GET models/{name}/compare``."""
    asked = request.query_as(CompareQuery)
    store, name = context.existing_store(), request.arguments["name"]
    found = compare_versions(
        name, asked.left, asked.right, right_name=asked.right_name, store=store
    )
    left, right = jsons(store, [found.left, found.right])
    return Comparison(left, right, [section_json(one) for one in found.sections])


def section_json(section: Section) -> SectionJson:
    """Return a section as it is answered."""
    rows = [RowJson(row.key, row.left, row.right, row.change) for row in section.rows]
    return SectionJson(section.title, section.note, rows)


def rename(context: Context, request: Request) -> OneModel:
    """``POST models/{name}/rename``."""
    wanted = request.body_as(NewName)
    store = context.existing_store()
    edits = store.registry.edits
    edits.rename(request.arguments["name"], wanted.new_name, by=By(wanted.reason))
    return OneModel(_one(store, wanted.new_name))


def delete(context: Context, request: Request) -> Deleted:
    """``DELETE models/{name}``."""
    by, name = By(request.query_as(ReasonQuery).reason), request.arguments["name"]
    context.existing_store().registry.edits.delete(name, by=by)
    return Deleted(name)


def delete_version(context: Context, request: Request) -> OneModel:
    """``DELETE models/{name}/versions/{version}``."""
    by, name = By(request.query_as(ReasonQuery).reason), request.arguments["name"]
    store = context.existing_store()
    store.registry.edits.delete_version(name, request.arguments["version"], by=by)
    return OneModel(_one(store, name))


def restore(context: Context, request: Request) -> OneModel:
    """``POST models/{name}/restore``: bring a deleted model back."""
    store, name = context.existing_store(), request.arguments["name"]
    store.registry.edits.restore(name, by=By(_reason(request)))
    return OneModel(_one(store, name))


def restore_version(context: Context, request: Request) -> OneModel:
    """``POST models/{name}/versions/{version}/restore``: bring a deleted version back."""
    store, name = context.existing_store(), request.arguments["name"]
    version = request.arguments["version"]
    store.registry.edits.restore_version(name, version, by=By(_reason(request)))
    return OneModel(_one(store, name))


def _reason(request: Request) -> str | None:
    return request.body_as(Why).reason if request.body else None


def copy(context: Context, request: Request) -> Response:
    """``POST models/{name}/versions/{version}/copy``."""
    wanted = request.body_as(CopyTarget)
    store = context.existing_store()
    name, version = request.arguments["name"], request.arguments["version"]
    made = store.registry.edits.copy(name, version, wanted.name, by=By(wanted.reason))
    return Response(201, msgspec.json.encode(OneVersion(jsons(store, [made])[0])))


def _one(store: Store, name: str) -> ModelJson:
    return model_json(store, store.registry.model(name))
