"""Registered models and their versions."""

from __future__ import annotations

from nbtrail.entities import ModelVersion
from nbtrail.models import check_name, locate
from nbtrail.store import Store
from nbtrail.tracking import current_store

__all__ = ["register_model"]


def register_model(model_uri: str, name: str, store: Store | None = None) -> ModelVersion:
    """Make a model the next version of a registered model, which is made when it is new.

    Args:
        model_uri: ``models:/m-<id>``, ``runs:/<run id>/<name>``, ``models:/name/version``,
            or a model directory.
        name: of the registered model; without ``/`` and ``:``.
        store: where it is registered; by default the store of this process.

    Raises:
        NotFound: there is no such model; nothing is registered then.
        InvalidValue: the name is not acceptable.
    """
    check_name(name)
    store = store or current_store()
    path, logged = locate(model_uri, store)
    if logged is None:
        return store.registry.create_version(name, str(path))
    source = f"models:/{logged.model_id}"
    return store.registry.create_version(name, source, logged.source_run_id, logged.model_id)
