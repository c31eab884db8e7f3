"""Plain text for a terminal: aligned tables, times, numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

WIDEST = 60  # characters of a cell


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows under headings, each column as wide as its widest cell."""
    lines = [[cell(value) for value in row] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def cell(value: object, widest: int = WIDEST) -> str:
    """Return a value on one line, without what could steer a terminal, and not too wide."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = line("" if value is None else value)
    return text if len(text) <= widest else text[: widest - 1] + "…"


def line(value: object) -> str:
    """Return a value on one line, without what could steer a terminal, however long."""
    text = " ".join(str(value).split())
    return "".join(c if c.isprintable() else "?" for c in text)


def count(number: int, what: str) -> str:
    """Return how many there are of something: ``1 run``, ``2 runs``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def source(stored: str) -> str:
    """Return where a dataset came from, of what the store has: a path or URI, else all of it."""
    try:
        fields = json.loads(stored)
        return str(fields.get("uri") or fields.get("url") or fields.get("path") or "")
    except (ValueError, AttributeError):
        return stored


def examples(*lines: str) -> str:
    """Return the epilog of a command's --help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def moment(milliseconds: int | None) -> str:
    """Return a time of the store as local time."""
    if milliseconds is None:
        return ""
    try:
        local = datetime.fromtimestamp(milliseconds / 1000).astimezone()
    except (ValueError, OverflowError, OSError):  # not a time that a calendar has
        return f"{milliseconds} ms"
    return local.strftime("%Y-%m-%d %H:%M:%S")


def duration(start: int, end: int | None) -> str:
    """Return the time between two times of the store."""
    if end is None:
        return ""
    seconds = (end - start) / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"
