"""What completes a line of ``%track`` or ``%%track``: subcommands, options, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from IPython.core.error import UsageError

from nbtrail.errors import NbtrailError
from nbtrail.magics.command import Completion, nothing
from nbtrail.magics.commands import COMMANDS
from nbtrail.magics.context import Context
from nbtrail.recorder.cell_magic import CELL_OPTIONS, EXPERIMENT, METRICS, PARAMS
from nbtrail.recorder.line_options import Option

_WORD = re.compile(r"""(?:[^\s'"]|'[^']*(?:'|$)|"[^"]*(?:"|$))+""")  # the last quote may be open
VALUES: dict[Option, Completion] = {
    EXPERIMENT: Context.experiments,
    PARAMS: Context.variables,
    METRICS: Context.variables,
}


def complete(context: Context, text: str, symbol: str) -> list[str]:
    """Return what can stand at the end of a line.

    Args:
        context: where the names come from.
        text: the line up to the cursor.
        symbol: the part of its last word that IPython replaces, which ends at quotes and commas.
    """
    magic, *before = _WORD.findall(text)
    started = before.pop() if before and text.endswith(before[-1]) else ""
    try:
        found = [quoted(one) for one in _candidates(context, magic, before)]
    except (NbtrailError, UsageError):  # there is no store, or no run, to take names from
        return []
    head = started[: started.rfind(",") + 1]
    kept = len(started) - len(symbol)
    return [f"{head}{one}"[kept:] for one in found if f"{head}{one}".startswith(started)]


def _candidates(context: Context, magic: str, before: list[str]) -> Iterable[str]:
    if magic == "%track" and not before:
        return COMMANDS
    command = COMMANDS.get(before[0]) if magic == "%track" else None
    options = CELL_OPTIONS if magic == "%%track" else command.options if command else ()
    last = before[-1] if before else ""
    for option in options:
        if last in option.flags and option.value:
            return VALUES.get(option, nothing)(context)
    flags = [flag for option in options for flag in option.flags if flag.startswith("--")]
    words: Callable[[Context], Iterable[str]] = command.completes if command else nothing
    return [*words(context), *flags]


def quoted(name: str) -> str:
    """Return a name as one word."""
    return name if re.fullmatch(r"[^\s'\"`]+", name) else f"'{name}'"
