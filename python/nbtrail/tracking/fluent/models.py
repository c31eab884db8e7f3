"""Registered models by MLflow's functions, in the store of this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbtrail.entities import LoggedModel, ModelVersion, RegisteredModel
from nbtrail.tracking.client import Client
from nbtrail.tracking.current import process

MOST_AT_ONCE = 1000


def get_logged_model(model_id: str) -> LoggedModel:
    """Return a model that a run logged.

    Raises:
        NotFound: there is none of that id.
    """
    return Client().get_logged_model(model_id)


def last_logged_model() -> LoggedModel | None:
    """Return the model that this process has logged last; None if it has logged none."""
    return process.logged_model


def search_registered_models(
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[RegisteredModel]:
    """Return the registered models that a filter finds, by default all.

    Raises:
        InvalidValue: the filter or the order is not understood.
    """
    client, found, token = Client(), list[RegisteredModel](), None
    while max_results is None or len(found) < max_results:
        size = MOST_AT_ONCE if max_results is None else min(MOST_AT_ONCE, max_results - len(found))
        page = client.search_registered_models(filter_string, size, order_by, token)
        found.extend(page)
        token = page.token
        if not token:
            break
    return found


def search_model_versions(
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[ModelVersion]:
    """Return the versions that a filter finds, also by what their runs measured.

    Raises:
        InvalidValue: the filter or the order is not understood.
    """
    most = 200_000 if max_results is None else max_results
    return list(Client().search_model_versions(filter_string, most, order_by))


def set_model_version_tag(
    name: str,
    version: str | None = None,
    key: str | None = None,
    value: Any = None,
) -> None:
    """Set a tag of a version of a registered model.

    Raises:
        NotFound: there is no such version.
    """
    Client().set_model_version_tag(name, version, key, value)
