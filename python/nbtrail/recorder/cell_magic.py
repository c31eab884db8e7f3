"""``%%track`` on a cell: the line is taken off before IPython parses, and its options are read.

A nested ``run_cell`` would break top-level await, lose the cell's id and fire every event twice.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from nbtrail.errors import InvalidValue, did_you_mean

MARK = "%%track"
OPTIONS = ("-e", "--experiment")


@dataclass(frozen=True)
class CellOptions:
    """What a ``%%track`` line asks for."""

    name: str | None = None
    experiment: str | None = None


def parse_options(line: str) -> CellOptions:
    """Read ``[name] [-e experiment]``.

    Raises:
        InvalidValue: there is another option, a second name, or an experiment is missing.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise InvalidValue(f"This line cannot be read ({error}): {line}") from None
    found: dict[str, str] = {}
    while words:
        word = words.pop(0)
        key = "experiment" if word in OPTIONS else "name"
        if word.startswith("-") and key == "name":
            raise InvalidValue(f"There is no option '{word}' here.{did_you_mean(word, OPTIONS)}")
        if key == "experiment" and not words:
            raise InvalidValue(f"'{word}' needs the name of an experiment after it.")
        value = words.pop(0) if key == "experiment" else word
        if key in found:
            raise InvalidValue(
                f"One {key} is enough: '{found[key]}' or '{value}'? Quote a name with spaces."
            )
        found[key] = value
    return CellOptions(**found)


def cell_options(raw_cell: str) -> CellOptions | None:
    """Return the options of a tracked cell; None for another cell, or for a line with a mistake."""
    first = _first_line(raw_cell)
    if first is None:
        return None
    try:
        return parse_options(first)
    except InvalidValue:
        return None


def strip_magic(lines: list[str]) -> list[str]:
    """Take the ``%%track`` line off; an IPython input transformer, and so pure.

    A line with a mistake stays, so that the magic itself is called and tells of it. A blank line
    keeps the line numbers, except before another cell magic, which has to come first.
    """
    if cell_options("".join(lines)) is None:
        return lines
    start = next(index for index, line in enumerate(lines) if line.strip())
    rest = lines[start + 1 :]
    return rest if rest and rest[0].startswith("%%") else ["\n", *rest]


def _first_line(raw_cell: str) -> str | None:
    first = raw_cell.lstrip().split("\n", 1)[0].rstrip()
    word, _, options = first.partition(" ")
    return options if word == MARK else None
