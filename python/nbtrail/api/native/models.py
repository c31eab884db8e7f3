"""The registered models and their versions."""

from __future__ import annotations

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.entities import ModelVersion, RegisteredModel


class ModelJson(msgspec.Struct):
    """A registered model with all of its versions."""

    name: str
    description: str
    latest_version: str | None
    creation_timestamp: int
    last_updated_timestamp: int
    versions: list[ModelVersion]


class ModelList(msgspec.Struct):
    """All registered models."""

    models: list[ModelJson]


def models(context: Context, _request: Request) -> ModelList:
    """``GET models``."""
    store = context.store()
    if store is None:
        return ModelList([])
    registry = store.registry
    return ModelList([_json(one, registry.versions(one.name)) for one in registry.models()])


def _json(model: RegisteredModel, versions: list[ModelVersion]) -> ModelJson:
    return ModelJson(
        name=model.name,
        description=model.description,
        latest_version=model.latest_version,
        creation_timestamp=model.creation_timestamp,
        last_updated_timestamp=model.last_updated_timestamp,
        versions=versions,
    )
