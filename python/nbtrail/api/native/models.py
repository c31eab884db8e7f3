"""The registered models, their versions, and what people say of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.signatures import SignatureJson, files_of
from nbtrail.entities import ModelStage, ModelVersion, RegisteredModel, VersionOrigin
from nbtrail.errors import InvalidValue, NbtrailError, NotFound
from nbtrail.registry import register_model
from nbtrail.registry.origins import origin_of
from nbtrail.store import Store
from nbtrail.store.chain import By

MOST_VERSIONS = 5000


class VersionJson(msgspec.Struct):
    """A version of a registered model, the name of the run that made it, and its flavor."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    source: str
    run_id: str | None
    run_name: str | None
    model_id: str | None
    description: str
    status: str
    stage: str
    tags: dict[str, str]
    aliases: list[str]
    flavor: str | None
    algorithm: str | None
    size: int | None


class ModelJson(msgspec.Struct):
    """A registered model with its versions, the oldest first."""

    name: str
    description: str
    tags: dict[str, str]
    aliases: dict[str, str]
    latest_version: str | None
    creation_timestamp: int
    last_updated_timestamp: int
    versions: list[VersionJson]


class ModelList(msgspec.Struct):
    """All registered models."""

    models: list[ModelJson]


class OneModel(msgspec.Struct):
    """One registered model."""

    model: ModelJson


class OneVersion(msgspec.Struct):
    """One version."""

    version: VersionJson


class VersionDetails(msgspec.Struct):
    """One version, and what its directory says; `trouble` if it says nothing."""

    version: VersionJson
    signature: SignatureJson | None
    flavors: list[str]
    size: int | None
    trouble: str | None
    origin: VersionOrigin


class NewVersion(msgspec.Struct, forbid_unknown_fields=True):
    """A model, and the name under which it is to be kept."""

    model_uri: str
    name: str
    description: str = ""
    tags: dict[str, str] = {}
    reason: str | None = None


class ModelChanges(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be changed; a tag that is None is deleted."""

    description: str | None = None
    tags: dict[str, str | None] = {}
    reason: str | None = None


class VersionChanges(ModelChanges, forbid_unknown_fields=True):
    """What is to be changed, also the stage."""

    stage: ModelStage | None = None
    archive_existing: bool = False


class AliasTarget(msgspec.Struct, forbid_unknown_fields=True):
    """The version that an alias is to name."""

    version: str
    reason: str | None = None


class AliasQuery(msgspec.Struct):
    """Why an alias goes."""

    reason: str | None = None


def models(context: Context, _request: Request) -> ModelList:
    """``GET models``."""
    store = context.store()
    if store is None:
        return ModelList([])
    return ModelList([model_json(store, one) for one in store.registry.models()])


def model(context: Context, request: Request) -> OneModel:
    """``GET models/{name}``."""
    return _one_model(context.existing_store(), request.arguments["name"])


def version(context: Context, request: Request) -> VersionDetails:
    """``GET models/{name}/versions/{version}``."""
    store = context.existing_store()
    found = _one_version(store, request).version
    origin = origin_of(store, store.registry.version(found.name, found.version))
    uri = f"models:/{found.name}/{found.version}"
    try:
        files = files_of(store, uri)
    except NbtrailError as error:
        return VersionDetails(found, None, [], None, str(error), origin)
    return VersionDetails(found, files.signature, files.flavors, files.size, None, origin)


def register(context: Context, request: Request) -> Response:
    """``POST models``."""
    wanted = request.body_as(NewVersion)
    store = context.existing_store()
    check_uri(wanted.model_uri)
    made = register_model(
        wanted.model_uri,
        wanted.name,
        store,
        tags=wanted.tags,
        description=wanted.description,
        reason=wanted.reason,
    )
    answered = OneVersion(version_jsons(store, [made])[0])
    return Response(201, msgspec.json.encode(answered))


def change(context: Context, request: Request) -> OneModel:
    """``PATCH models/{name}``."""
    wanted = request.body_as(ModelChanges)
    store, name = context.existing_store(), request.arguments["name"]
    store.model_notes.update(name, wanted.description, wanted.tags, by=By(wanted.reason))
    return _one_model(store, name)


def change_version(context: Context, request: Request) -> OneVersion:
    """``PATCH models/{name}/versions/{version}``."""
    wanted = request.body_as(VersionChanges)
    store = context.existing_store()
    store.model_notes.update_version(
        request.arguments["name"],
        request.arguments["version"],
        wanted.description,
        wanted.tags,
        wanted.stage,
        archive_existing=wanted.archive_existing,
        by=By(wanted.reason),
    )
    return _one_version(store, request)


def set_alias(context: Context, request: Request) -> OneModel:
    """``PUT models/{name}/aliases/{alias}``."""
    wanted = request.body_as(AliasTarget)
    store, name = context.existing_store(), request.arguments["name"]
    alias = request.arguments["alias"]
    store.model_notes.set_alias(name, alias, wanted.version, by=By(wanted.reason))
    return _one_model(store, name)


def delete_alias(context: Context, request: Request) -> OneModel:
    """``DELETE models/{name}/aliases/{alias}``."""
    store, name = context.existing_store(), request.arguments["name"]
    by = By(request.query_as(AliasQuery).reason)
    store.model_notes.delete_alias(name, request.arguments["alias"], by=by)
    return _one_model(store, name)


def check_uri(uri: str) -> None:
    """Refuse a directory: whoever may ask for a model here need not know the server's files.

    Raises:
        InvalidValue: it is none of the store's models.
    """
    if not uri.startswith(("models:/", "runs:/")):
        raise InvalidValue(
            f"'{uri:.80}' is no model of this store: give models:/<name>/<version>, "
            "models:/<name>@<alias>, models:/m-<id> or runs:/<run id>/<name>."
        )


def _one_model(store: Store, name: str) -> OneModel:
    return OneModel(model_json(store, store.registry.model(name)))


def _one_version(store: Store, request: Request) -> OneVersion:
    name, number = request.arguments["name"], request.arguments["version"]
    return OneVersion(version_jsons(store, [store.registry.version(name, number)])[0])


def model_json(store: Store, model: RegisteredModel) -> ModelJson:
    """Return a model as it is answered."""
    try:
        versions = store.registry.versions(model.name)[-MOST_VERSIONS:]
    except NotFound:  # a model may have none
        versions = []
    return ModelJson(
        name=model.name,
        description=model.description,
        tags=model.tags,
        aliases=model.aliases,
        latest_version=model.latest_version,
        creation_timestamp=model.creation_timestamp,
        last_updated_timestamp=model.last_updated_timestamp,
        versions=version_jsons(store, versions),
    )


def version_jsons(store: Store, versions: Sequence[ModelVersion]) -> list[VersionJson]:
    """Return versions as they are answered."""
    runs = [one.run_id for one in versions if one.run_id is not None]
    names = store.tables.values_of(runs, "attributes.run_name")
    return [
        VersionJson(
            name=one.name,
            version=one.version,
            creation_timestamp=one.creation_timestamp,
            last_updated_timestamp=one.last_updated_timestamp,
            source=one.source,
            run_id=one.run_id,
            run_name=names.get(one.run_id or ""),
            model_id=one.model_id,
            description=one.description,
            status=one.status,
            stage=one.current_stage,
            tags=one.tags,
            aliases=one.aliases,
            flavor=one.flavor,
            algorithm=one.algorithm,
            size=one.size,
        )
        for one in versions
    ]
