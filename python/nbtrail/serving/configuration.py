"""Configurations of endpoints: checked before anything is started."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.entities import EndpointConfig, EndpointTarget
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.models import MLmodel, resolve
from nbtrail.models.mlmodel import PYFUNC
from nbtrail.serving import snapshots
from nbtrail.store import Store

MOST_WORKERS = 64
_SCHEMES = ("models:/", "runs:/")
_LIMITS: dict[str, tuple[float, float]] = {
    "workers": (1, MOST_WORKERS),
    "batch_size": (1, 10_000),
    "batch_wait_ms": (0, 10_000),
    "max_queue": (1, 100_000),
    "deadline_s": (0.05, 24 * 3600),
    "max_body": (1, 2**31),
    "max_memory_mb": (16, 2**24),
}


def of(model: Any, name: str, store: Store, options: Mapping[str, Any]) -> EndpointConfig:
    """Return the configuration that serves one model, or the ``targets`` among the options.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the model cannot be served, or an option is not acceptable.
    """
    known = {field: value for field, value in options.items() if value is not None}
    if "targets" not in known:
        known["targets"] = [{"model_uri": _uri(model, name, store, known.get("env") == "uv")}]
    return checked(changed(EndpointConfig(), known), store)


def changed(config: EndpointConfig, changes: Mapping[str, Any]) -> EndpointConfig:
    """Return a configuration with some fields changed.

    Raises:
        InvalidValue: there is no such field, or a value is of a wrong type.
    """
    fields = EndpointConfig.__struct_fields__
    if unknown := next((field for field in changes if field not in fields), None):
        raise InvalidValue(f"An endpoint has no '{unknown:.40}'.{did_you_mean(unknown, fields)}")
    try:
        return msgspec.convert(msgspec.to_builtins(config) | dict(changes), EndpointConfig)
    except msgspec.ValidationError as error:
        raise InvalidValue(f"The endpoint cannot be configured so: {error}.") from None


def checked(config: EndpointConfig, store: Store) -> EndpointConfig:
    """Return a configuration with URIs for workers, whatever their directory, if all is right.

    Raises:
        NotFound: there is no such model.
        InvalidValue: a model cannot be served, or a number is out of bounds.
    """
    for field, (least, most) in _LIMITS.items():
        value = getattr(config, field)
        if value is not None and not least <= value <= most:
            raise InvalidValue(f"'{field}' is from {least:g} to {most:g}, not {value:g}.")
    if not config.targets or any(not one.weight > 0 for one in config.targets):
        raise InvalidValue("An endpoint serves one model or more, each with a weight above 0.")
    targets = [EndpointTarget(_checked(t.model_uri, store), t.weight) for t in config.targets]
    if config.env == "uv":
        _check_environment(resolve(one.model_uri, store) for one in targets)
    return msgspec.structs.replace(config, targets=targets)


def _check_environment(directories: Iterable[Path]) -> None:
    """Say now what else only the log of a worker would say."""
    from nbtrail.environments import uv
    from nbtrail.serving.supervision.environment import packages_of

    packages_of(directories)
    uv.program()


def _checked(uri: str | os.PathLike[str], store: Store) -> str:
    path = resolve(uri, store)
    if PYFUNC not in MLmodel.read(path).flavors:
        raise InvalidValue(f"The model {uri} has no {PYFUNC} flavor and cannot be served.")
    text = os.fspath(uri)
    return text if text.startswith(_SCHEMES) else str(path)


def _uri(model: Any, name: str, store: Store, packages: bool) -> str:
    """Return where a model is; a function or a model of this process is saved first."""
    if isinstance(model, str | os.PathLike):
        return os.fspath(model)
    if isinstance(found := getattr(model, "model_uri", None), str):
        return found
    directory = snapshots.new(store, name)
    if hasattr(model, "predict") or not callable(model):
        from nbtrail.models import save_model

        save_model(model, directory)
    else:
        from nbtrail.serving import functions

        functions.save(model, directory, packages=packages)
    return str(directory)
