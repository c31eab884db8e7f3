"""What executes a run once more: reproduce."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from IPython.core.error import UsageError

from nbtrail import tracking
from nbtrail.magics.command import Command
from nbtrail.magics.context import Context
from nbtrail.recorder.line_options import Option, Words

if TYPE_CHECKING:
    from nbtrail.projects.reproduction.reproduce import Environment

N = TypeVar("N", int, float)

TOLERANCE = Option(("--tolerance",), "a number such as 1e-6")
METRIC = Option(("--metric",), "a metric and a number, such as acc:0.01", repeated=True)
REPEAT = Option(("--repeat",), "a whole number")
ENV = Option(("--env",), "'current' or 'recorded'")


def _reproduce(context: Context, words: Words) -> None:
    from nbtrail.projects.reproduction.reproduce import reproduce
    from nbtrail.trail.reproduction import reproduction_text

    tolerance = _number(float, TOLERANCE, words.one(TOLERANCE) or "1e-6")
    repeat = _number(int, REPEAT, words.one(REPEAT) or "1")
    metrics = dict(map(_metric, words.given(METRIC)))
    env = cast("Environment", words.one(ENV) or "current")
    original = context.run(*words.alone)
    current = tracking.active_run()
    if current is not None and current.run_id == original.info.run_id:
        context.recorder.runs.makes_way(current)  # an implicit run has ended with its last cell
    found = reproduce(original, tolerance=tolerance, metrics=metrics, repeat=repeat, env=env)
    print(reproduction_text(found))


def _metric(given: str) -> tuple[str, float]:
    name, _, number = given.rpartition(":")
    if not name:
        raise UsageError(f"'--metric' needs {METRIC.value} after it, not '{given}'.")
    return name, _number(float, METRIC, number)


def _number(kind: Callable[[str], N], option: Option, given: str) -> N:
    try:
        return kind(given)
    except ValueError:
        flag = option.flags[0]
        raise UsageError(f"'{flag}' needs {option.value} after it, not '{given}'.") from None


COMMANDS = (
    Command(
        "reproduce [RUN] [--tolerance 1e-6] [--metric acc:0.01] [--repeat 3] [--env recorded]",
        "execute a run's cells once more in a fresh kernel, and compare",
        _reproduce,
        (TOLERANCE, METRIC, REPEAT, ENV),
        most=1,
        completes=Context.run_names,
    ),
)
