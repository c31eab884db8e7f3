"""What a sweep was asked to do, kept beside its study, so that it can go on."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from nbtrail import config
from nbtrail.entities import Record
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.projects import sources
from nbtrail.projects.asked import Environment
from nbtrail.projects.processes import slots
from nbtrail.store import Store
from nbtrail.store.keys import check_key

Sampler = Literal["tpe", "random", "grid", "cmaes"]
Pruner = Literal["median", "hyperband"]
Direction = Literal["max", "min"]

DEFAULT_TRIALS = 20
MOST_TRIALS = 100_000
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")


class Settings(Record, frozen=True):
    """What a sweep was asked to do.

    `target` is an absolute path or the address of a git repository, `version` the commit of a
    project that is cloned for the sweep, `space` as it was given. `trials` is None where a grid's
    end is that of the sweep, `sampler` None where the space decides. `timeout` is in seconds.
    `backend` is for `backends.made`.
    """

    target: str
    entry_point: str | None
    space: dict[str, Any]
    metric: str
    direction: Direction
    trials: int | None
    parallel: int
    sampler: Sampler | None
    pruner: Pruner | None
    timeout: float | None
    seed: int | None
    files: bool = True
    backend: dict[str, Any] = msgspec.field(default_factory=dict)
    version: str | None = None
    env: Environment = "local"


def settings(  # noqa: PLR0913 - those of `sweep`
    target: str | os.PathLike[str],
    parameters: Mapping[str, object],
    *,
    metric: str,
    direction: Direction,
    trials: int | None = None,
    parallel: int | None = None,
    sampler: Sampler | None = None,
    pruner: Pruner | None = None,
    timeout: str | float | None = None,
    seed: int | None = None,
    entry_point: str | None = None,
    files: bool = True,
    backend: Mapping[str, object] | None = None,
    version: str | None = None,
    env: Environment = "local",
) -> Settings:
    """Return the settings that arguments of `sweep` stand for.

    Raises:
        InvalidValue: something is nothing that can be kept, or no duration.
    """
    return Settings(
        target=absolute(os.fspath(target)),
        entry_point=entry_point,
        space=_plain(parameters),
        metric=metric,
        direction=direction,
        trials=DEFAULT_TRIALS if trials is None and sampler != "grid" else trials,
        parallel=slots() if parallel is None else parallel,
        sampler=sampler,
        pruner=pruner,
        timeout=seconds(timeout),
        seed=seed,
        files=files,
        backend=dict(backend or {}),
        version=version,
        env=env,
    )


def absolute(target: str) -> str:
    """Return a target for those that work elsewhere."""
    if sources.is_git(target):
        return target
    return os.path.abspath(target)  # noqa: PTH100 - `..` is where a shell sees it


def check(settings: Settings) -> None:
    """Check what can be checked without the target.

    Raises:
        InvalidValue: something is not as it must be; its detail `field` says what.
    """
    try:
        check_key(settings.metric, "metric")
    except InvalidValue as error:
        raise InvalidValue(error, field="metric") from None
    _one_of("sampler", settings.sampler or "tpe", get_args(Sampler))
    _one_of("pruner", settings.pruner or "median", get_args(Pruner))
    _one_of("direction", settings.direction, get_args(Direction))
    if settings.parallel < 1:
        raise InvalidValue(
            f"At least one trial goes on at once, not {settings.parallel}.", field="parallel"
        )
    if settings.trials is not None and not 1 <= settings.trials <= MOST_TRIALS:
        raise InvalidValue(
            f"A sweep has between 1 and {MOST_TRIALS:,} trials, not {settings.trials:,}.",
            field="trials",
        )
    if settings.seed is not None and not 0 <= settings.seed < 2**31:
        raise InvalidValue(
            f"A seed is a whole number from 0 to 2147483647, not {settings.seed}.", field="seed"
        )


def seconds(duration: str | float | None) -> float | None:
    """Return the seconds of a duration such as ``1h``, ``90m``, ``1h30m`` or ``45``.

    Raises:
        InvalidValue: it is none.
    """
    if duration is None:
        return None
    match = _DURATION.fullmatch(str(duration).strip())
    parts = [float(one or 0) for one in match.groups()] if match else []
    total = sum(a * b for a, b in zip(parts, (86400, 3600, 60, 1), strict=False))
    if total <= 0:
        raise InvalidValue(
            f"{str(duration)!r:.40} is no duration, such as 45s, 90m or 1h30m.", field="timeout"
        )
    return total


def folder(store: Store, run_id: str) -> Path:
    """Return where the study of a sweep is."""
    return store.directory / config.SWEEPS / run_id


def save(store: Store, run_id: str, settings: Settings) -> None:
    """Keep the settings of a sweep."""
    place = folder(store, run_id)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = place / "settings.json.part"
    partial.write_bytes(msgspec.json.encode(settings))
    partial.replace(place / "settings.json")


def is_kept(store: Store, run_id: str) -> bool:
    """Say whether there are the settings of a sweep, with which it goes on."""
    return (folder(store, run_id) / "settings.json").is_file()


def load(store: Store, run_id: str) -> Settings:
    """Return the settings of a sweep.

    Raises:
        InvalidValue: the run is no sweep, or they are gone.
    """
    try:
        content = (folder(store, run_id) / "settings.json").read_bytes()
        return msgspec.json.decode(content, type=Settings)
    except (OSError, msgspec.DecodeError):
        raise InvalidValue(f"The run {run_id} is no sweep that can go on.") from None


def _one_of(what: str, given: object, known: tuple[str, ...]) -> None:
    if given not in known:
        close = did_you_mean(str(given), known)
        raise InvalidValue(
            f"There is no {what} '{given!s:.40}'.{close} There are: {', '.join(known)}.",
            field=what,
        )


def _plain(parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return a space as JSON can have it."""
    try:
        found: dict[str, Any] = msgspec.to_builtins(
            dict(parameters),
            enc_hook=lambda one: one.tolist() if hasattr(one, "tolist") else list(one),
        )
    except (TypeError, ValueError) as error:
        raise InvalidValue(
            f"The values of a parameter are numbers, texts or lists: {error}."
        ) from None
    return found
