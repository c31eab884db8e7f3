"""The steps of a pipeline, as an `MLproject` has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbtrail.artifacts.paths import is_clean
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.projects.pipelines.references import Reference, references

_KEYS = ("run", "uses", "version", "needs", "params", "for_each", "files")
_NAME = re.compile(r"[A-Za-z_][\w\-]*")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: by which the others know it.
        run: the entry point, notebook or script.
        uses: the project that has it, if not this one, at `version`.
        needs: the steps that must have finished: those named, and those that it refers to.
        params: its parameters, which may refer to the pipeline's and to other steps.
        for_each: parameters with a list of values: it is run for each combination.
        files: of the project, what its results depend on (patterns; nothing: all of them).
    """

    name: str
    run: str
    uses: str | None = None
    version: str | None = None
    needs: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    for_each: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def references(self) -> Iterator[Reference]:
        """Yield what its parameters refer to."""
        for values in (self.params, self.for_each):
            for name, value in values.items():
                yield from references(value, f"parameter '{name}' of the step '{self.name}'")


def steps_of(content: Any, point: str) -> tuple[Step, ...]:
    """Return the steps of an entry point, in an order in which each comes after what it needs.

    Raises:
        InvalidValue: a step is not as it must be, needs one that is not there, or needs itself.
    """
    if not isinstance(content, dict) or not content:
        raise InvalidValue(
            f"The steps of '{point}' must be names with values, such as 'train: {{run: train}}'."
        )
    steps = [_step(str(name), one) for name, one in content.items()]
    known = {one.name for one in steps}
    for step in steps:
        for other in step.needs:
            if other not in known:
                raise InvalidValue(
                    f"The step '{step.name}' needs '{other:.100}', which is no step of '{point}'."
                    f"{did_you_mean(other, known)}"
                )
    return tuple(_ordered(steps, point))


def _ordered(steps: list[Step], point: str) -> Iterator[Step]:
    done, left = set[str](), list(steps)
    while left:
        ready = next((one for one in left if done.issuperset(one.needs)), None)
        if ready is None:
            raise InvalidValue(
                f"The steps of '{point}' need one another in a circle: {_circle(left)}."
            )
        left.remove(ready)
        done.add(ready.name)
        yield ready


def _circle(left: list[Step]) -> str:
    """Return the names of a circle: from each that is left, a way leads to another one."""
    by_name = {one.name: one for one in left}
    way = [left[0].name]
    while way[-1] not in way[:-1]:
        way.append(next(one for one in by_name[way[-1]].needs if one in by_name))
    return " needs ".join(way[way.index(way[-1]) :])


def _step(name: str, content: Any) -> Step:
    if not _NAME.fullmatch(name):
        raise InvalidValue(f"'{name:.100}' is no name for a step: it has letters, digits, _ and -.")
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise InvalidValue(f"The step '{name}' must be names with values, such as 'run: train'.")
    for key in content:
        if key not in _KEYS:
            raise InvalidValue(
                f"The step '{name}' has no '{key!s:.100}'.{did_you_mean(str(key), _KEYS)} "
                f"It may have {', '.join(_KEYS)}."
            )
    uses, version = (_text(content, key, name) for key in ("uses", "version"))
    if version and not uses:
        raise InvalidValue(f"The step '{name}' has a version, but uses no other project.")
    step = Step(
        name,
        _text(content, "run", name) or (uses and "main") or name,
        uses,
        version,
        _texts(content, "needs", name),
        _values(content, "params", name),
        _values(content, "for_each", name),
        _texts(content, "files", name),
    )
    _check(step)
    referred = [one.step for one in step.references() if one.step is not None]
    return Step(**{**vars(step), "needs": tuple(dict.fromkeys([*step.needs, *referred]))})


def _check(step: Step) -> None:
    if twice := next((one for one in step.for_each if one in step.params), None):
        raise InvalidValue(f"'{twice}' of the step '{step.name}' is in params and in for_each.")
    for name, values in step.for_each.items():
        if not isinstance(values, str | list) or not values:
            raise InvalidValue(
                f"for_each of the step '{step.name}' needs a list of values for '{name}'."
            )
    for pattern in step.files:
        if not is_clean(pattern):
            raise InvalidValue(f"'{pattern:.100}' of the step '{step.name}' leads out of it.")


def _text(content: Mapping[str, Any], key: str, name: str) -> str | None:
    value = content.get(key)
    if value is not None and (isinstance(value, dict | list) or not str(value).strip()):
        raise InvalidValue(f"'{key}' of the step '{name}' must be a text.")
    return None if value is None else str(value)


def _texts(content: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = content.get(key)
    values = [value] if isinstance(value, str) else value or []
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise InvalidValue(f"'{key}' of the step '{name}' must be a list of names.")
    return tuple(values)


def _values(content: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    value = content.get(key) or {}
    if not isinstance(value, dict):
        raise InvalidValue(f"'{key}' of the step '{name}' must be names with values.")
    return {str(one): values for one, values in value.items()}
