"""MLflow's spelling: `log_model`, `save_model` and `load_model` in the module of each flavor."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.models.mlmodel import MLmodel

Functions = tuple[Callable[..., Any], Callable[..., MLmodel], Callable[..., Any]]


def functions(flavor: str, argument: str) -> Functions:
    """Return a flavor's three functions; `argument` is MLflow's name for the model.

    They take what `nbtrail.log_model` and `nbtrail.save_model` take, and pass further keyword
    arguments to the flavor. `load_model` returns the framework's own object.
    """

    def log_model(*given: Any, **known: Any) -> Any:
        """Log a model of this flavor; see `nbtrail.log_model`."""
        from nbtrail.models import logged

        model, rest, known = _split(argument, given, known)
        return logged.log_model(model, *rest, flavor=flavor, **known)

    def save_model(*given: Any, **known: Any) -> MLmodel:
        """Write a model directory of this flavor; see `nbtrail.save_model`."""
        from nbtrail.models import saving

        model, rest, known = _split(argument, given, known)
        return saving.save_model(model, *rest, flavor=flavor, **known)

    def load_model(model_uri: str | os.PathLike[str], **known: Any) -> Any:
        """Load a model as its framework's own object; see `nbtrail.load_native`."""
        from nbtrail.models import loading

        known.pop("dst_path", None)  # MLflow's, where to download: nothing is downloaded
        return loading.load_native(model_uri, flavor=flavor, **known)

    return log_model, save_model, load_model


def _split(
    argument: str, given: tuple[Any, ...], known: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    if given:
        return given[0], given[1:], known
    rest = dict(known)
    if argument in rest:
        return rest.pop(argument), (), rest
    if "model" in rest:
        return rest.pop("model"), (), rest
    raise InvalidValue(f"Which model? Pass it as the first argument, or as {argument}=.")
