"""Registered models and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtrail.entities import ModelChange, ModelVersion
from nbtrail.models import facts, locate
from nbtrail.registry.comparison import VersionComparison, compare_versions
from nbtrail.registry.origins import origin
from nbtrail.store import Store
from nbtrail.store.chain import By
from nbtrail.store.keys import check_model_name
from nbtrail.tracking import current_store

__all__ = ["VersionComparison", "compare_versions", "history", "origin", "register_model"]


def register_model(
    model_uri: str,
    name: str,
    store: Store | None = None,
    *,
    tags: Mapping[str, Any] | None = None,
    description: str = "",
    reason: str | None = None,
    await_registration_for: int | None = None,  # noqa: ARG001 - it is always done at once
) -> ModelVersion:
    """Make a model the next version of a registered model, which is made when it is new.

    Args:
        model_uri: ``models:/m-<id>``, ``runs:/<run id>/<name>``, ``models:/name/version``,
            or a model directory.
        name: of the registered model; without ``/`` and ``:``.
        store: where it is registered; by default the store of this process.
        tags: of the version.
        description: of the version.
        reason: why, for the registry's history.
        await_registration_for: accepted for MLflow's sake.

    Raises:
        NotFound: there is no such model; nothing is registered then.
        InvalidValue: the name, a tag or the model's ``MLmodel`` file is not acceptable.
    """
    check_model_name(name)
    store = store or current_store()
    path, logged = locate(model_uri, store)
    run_id = logged.source_run_id if logged else None
    source = f"models:/{logged.model_id}" if logged else str(path)
    return store.registry.create_version(
        name,
        source,
        run_id,
        logged.model_id if logged else None,
        description,
        tags={key: str(value) for key, value in (tags or {}).items()},
        facts=facts.read(path, store, run_id),
        by=By(reason),
    )


def history(
    name: str, version: str | int | None = None, limit: int = 1000, store: Store | None = None
) -> list[ModelChange]:
    """Return who changed what of a registered model, when and why, the latest first.

    Args:
        name: of a model that there is or was; earlier names of it are followed.
        version: only what was done to this one.
        limit: how many changes at most.
        store: where to look; by default the store of this process.

    Raises:
        NotFound: there never was such a model; the message has the closest name.
    """
    number = None if version is None else str(version)
    return (store or current_store()).registry.edits.history(name, number, limit)
