"""The settings of models that are files of code: `ModelConfig`, by MLflow's name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from nbtrail.errors import InvalidValue, did_you_mean

Settings = Mapping[str, Any] | str | os.PathLike[str]
_given: ContextVar[Mapping[str, Any] | None] = ContextVar("_given", default=None)


class ModelConfig:
    """What a file of code asks for its settings.

    Args:
        development_config: a dict, or the path of a YAML file; it holds while nobody has saved
            the file with ``model_config=``.
    """

    def __init__(self, *, development_config: Settings | None = None) -> None:
        given = _given.get()
        self._values = values_of(development_config or {}) if given is None else given

    def get(self, key: str) -> Any:
        """Return a setting.

        Raises:
            InvalidValue: there is none of that name.
        """
        if key not in self._values:
            close = did_you_mean(key, map(str, self._values))
            raise InvalidValue(f"The model's settings have no '{key:.80}'.{close}")
        return self._values[key]

    def to_dict(self) -> dict[str, Any]:
        """Return all settings."""
        return dict(self._values)


@contextmanager
def given(values: Mapping[str, Any] | None) -> Iterator[None]:
    """Let these be what a `ModelConfig` has that is made meanwhile."""
    before = _given.set(values)
    try:
        yield
    finally:
        _given.reset(before)


def values_of(settings: Settings) -> dict[str, Any]:
    """Return settings, read from a YAML file if they are the path of one.

    Raises:
        InvalidValue: there is no such file, or it has no names and values.
    """
    if isinstance(settings, Mapping):
        return dict(settings)
    import yaml

    try:
        read = yaml.safe_load(Path(settings).read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise InvalidValue(f"The settings {os.fspath(settings):.200} cannot be read.") from error
    if not isinstance(read, dict):
        raise InvalidValue(f"The settings {os.fspath(settings):.200} are no names with values.")
    return read
