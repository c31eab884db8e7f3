"""Backends: where the trials of a sweep are executed. Each is found by its name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import msgspec

from nbtrail.entities import Record
from nbtrail.errors import InvalidState, InvalidValue, did_you_mean
from nbtrail.projects.backends.protocol import Assignment, Backend, Event, Pool

__all__ = [
    "About",
    "Assignment",
    "Backend",
    "Event",
    "Pool",
    "asked",
    "described",
    "made",
]

GROUP = "nbtrail.backends"
"""The entry points of plugins: each names a class that is a `Backend`."""
LOCAL = "local"
_BUILT_IN = {
    LOCAL: "nbtrail.projects.backends.processes:Local",
    "dask": "nbtrail.projects.backends.dask:Dask",
    "jupyter": "nbtrail.projects.backends.jupyter:Jupyter",
    "ray": "nbtrail.projects.backends.ray:Ray",
    "ssh": "nbtrail.projects.backends.ssh:Ssh",
    "slurm": "nbtrail.projects.backends.slurm:Slurm",
}


class Option(Record, frozen=True):
    """An option of a backend; `default` is None where there is none to tell."""

    name: str
    help: str
    default: str | None


class About(Record, frozen=True):
    """A backend, and its options. `problem` says why it cannot be had."""

    name: str
    help: str
    options: list[Option]
    problem: str | None = None


def described() -> list[About]:
    """Return the backends that there are, those of plugins as well, by name."""
    return [_about(name) for name in sorted(_points())]


def _about(name: str) -> About:
    try:
        kind = _found(name)
        _, known = msgspec.json.schema_components([kind])
    except (InvalidState, TypeError) as error:
        return About(name, "", [], str(error))
    properties = known[kind.__name__]["properties"]
    options = [_option(option, said) for option, said in properties.items()]
    return About(name, inspect.getdoc(kind) or "", options)


def _option(name: str, said: Mapping[str, Any]) -> Option:
    default = said.get("default")
    shown = None if default in {None, ""} else str(default)
    return Option(name, said.get("description", ""), shown)


def asked(
    given: str | Mapping[str, object] | None, declared: Mapping[str, Mapping[str, object]]
) -> dict[str, Any]:
    """Return which backend is asked for, and its options.

    Args:
        given: its name; or options, the name among them as ``name``.
        declared: the options of backends that a project has, by their names; given ones win.
    """
    options = {"name": given} if isinstance(given, str) else dict(given or {})
    name = options.setdefault("name", LOCAL)
    return {**declared.get(str(name), {}), **options}


def made(options: Mapping[str, object]) -> Backend:
    """Return a backend.

    Args:
        options: what `asked` returns.

    Raises:
        InvalidValue: there is no such backend, or it has no such option.
        InvalidState: a plugin cannot be imported.
    """
    own = dict(options)
    name = str(own.pop("name", LOCAL))
    kind = _found(name)
    known = kind.__struct_fields__
    for option in own:
        if option not in known:
            raise InvalidValue(
                f"The backend {name} has no option '{option:.40}'.{did_you_mean(option, known)} "
                f"It has: {', '.join(known) or 'none'}."
            )
    try:
        backend: Backend = msgspec.convert(own, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidValue(f"The backend {name}: {str(error).rstrip('.')}.") from None
    return backend


def _points() -> dict[str, metadata.EntryPoint]:
    return {
        **{one.name: one for one in metadata.entry_points(group=GROUP)},
        **{one: metadata.EntryPoint(one, where, GROUP) for one, where in _BUILT_IN.items()},
    }


def _found(name: str) -> Any:
    points = _points()
    if name not in points:
        raise InvalidValue(
            f"There is no backend '{name:.40}'.{did_you_mean(name, points)} "
            f"There are: {', '.join(sorted(points))}."
        )
    try:
        return points[name].load()
    except Exception as error:  # whatever a plugin does when it is imported
        raise InvalidState(
            f"The backend {name} cannot be imported: {type(error).__name__}: {error}."
        ) from error
