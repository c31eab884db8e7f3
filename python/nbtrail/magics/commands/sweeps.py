"""What searches for parameters: sweep."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.display import display

from nbtrail.magics.command import Command
from nbtrail.magics.context import Context
from nbtrail.recorder.line_options import Option, Words

PARAM = Option(("-P", "--param"), "a parameter and its range, such as lr=1e-4..1e-1", repeated=True)
METRIC = Option(("--metric",), "the name of a metric")
DIRECTION = Option(("--direction",), "'max' or 'min'")
TEXTS = tuple(
    Option((f"--{name}",), value)
    for name, value in (
        ("sampler", "'tpe', 'random', 'grid' or 'cmaes'"),
        ("pruner", "'median' or 'hyperband'"),
        ("timeout", "a duration such as 1h30m"),
    )
)
NUMBERS = tuple(Option((f"--{name}",), "a whole number") for name in ("trials", "parallel", "seed"))


def _sweep(_context: Context, words: Words) -> None:
    from nbtrail.projects import sweep

    given: dict[str, Any] = {}
    for option in (METRIC, DIRECTION, *TEXTS, *NUMBERS):
        if (value := words.one(option)) is not None:
            name = option.flags[0].removeprefix("--")
            given[name] = _whole(option, value) if option in NUMBERS else value
    if missing := [name for name in ("metric", "direction") if name not in given]:
        raise UsageError(f"'%track sweep' needs --{missing[0]}.")
    space = dict(map(_ranged, words.given(PARAM)))
    display(sweep(words.alone[0], space, **given))  # type: ignore[no-untyped-call]


def _ranged(given: str) -> tuple[str, str]:
    name, separator, values = given.partition("=")
    if not (name and separator):
        raise UsageError(f"'--param' needs {PARAM.value} after it, not '{given}'.")
    return name, values


def _whole(option: Option, given: str) -> int:
    if not given.isdecimal():
        raise UsageError(f"'{option.flags[0]}' needs {option.value} after it, not '{given}'.")
    return int(given)


COMMANDS = (
    Command(
        "sweep NOTEBOOK -P lr=log:1e-4..1e-1 --metric acc --direction max [--trials 20] "
        "[--parallel 2] [--sampler tpe] [--pruner median] [--timeout 1h] [--seed 0]",
        "execute a notebook with many parameters, and show the best",
        _sweep,
        (PARAM, METRIC, DIRECTION, *TEXTS, *NUMBERS),
        least=1,
        most=1,
        completes=Context.notebooks,
    ),
)
