"""``${{ … }}``: what a step's value takes from the pipeline's parameters or from another step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from nbtrail.artifacts.paths import is_clean
from nbtrail.errors import InvalidValue

_PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_OF_PIPELINE = re.compile(r"params\.([\w.\-]+)")
_OF_STEP = re.compile(r"steps\.([\w\-]+)\.(params|metrics)\.(.+)")
_ARTIFACT = re.compile(r"steps\.([\w\-]+)\.artifacts(?:/(.*))?")
_RUN = re.compile(r"steps\.([\w\-]+)\.run_id")
_FORMS = (
    "params.NAME, steps.STEP.params.NAME, steps.STEP.metrics.NAME, steps.STEP.artifacts/PATH or "
    "steps.STEP.run_id"
)
Kind = Literal["params", "metrics", "artifacts", "run_id"]


@dataclass(frozen=True)
class Reference:
    """A value that is known when a pipeline runs; without `step`, one of its parameters."""

    step: str | None
    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        if self.step is None:
            return f"params.{self.name}"
        dot = "/" if self.kind == "artifacts" else "."
        return f"steps.{self.step}.{self.kind}{dot if self.name else ''}{self.name}"


def references(value: Any, where: str) -> Iterator[Reference]:
    """Yield what is referred to in a value, and in lists and names with values.

    Raises:
        InvalidValue: it cannot be read; `where` says where it stands.
    """
    match value:
        case str():
            for found in _PLACE.finditer(value):
                yield _read(found[1].strip(), where)
        case list():
            for one in value:
                yield from references(one, where)
        case dict():
            for one in value.values():
                yield from references(one, where)


def filled(value: Any, resolve: Callable[[Reference], Any]) -> Any:
    """Return a value with what it refers to; what is nothing but a reference keeps its type."""
    match value:
        case str():
            if whole := _PLACE.fullmatch(value.strip()):
                return resolve(_read(whole[1].strip(), value))
            return _PLACE.sub(lambda one: as_text(resolve(_read(one[1].strip(), value))), value)
        case list():
            return [filled(one, resolve) for one in value]
        case dict():
            return {key: filled(one, resolve) for key, one in value.items()}
    return value


def as_text(value: Any) -> str:
    """Return a value as a command, or a parameter that is a text, gets it."""
    return value if isinstance(value, str) else json.dumps(value)


def _read(text: str, where: str) -> Reference:
    if found := _OF_PIPELINE.fullmatch(text):
        return Reference(None, "params", found[1])
    if found := _OF_STEP.fullmatch(text):
        return Reference(found[1], "params" if found[2] == "params" else "metrics", found[3])
    if found := _RUN.fullmatch(text):
        return Reference(found[1], "run_id")
    if (found := _ARTIFACT.fullmatch(text)) and (not found[2] or is_clean(found[2])):
        return Reference(found[1], "artifacts", found[2] or "")
    raise InvalidValue(f"'{text:.100}' of {where:.100} is none of {_FORMS}.")
