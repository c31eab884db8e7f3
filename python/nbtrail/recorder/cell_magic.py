"""``%%track`` on a cell: the line is taken off before IPython parses, and its options are read.

A nested ``run_cell`` would break top-level await, lose the cell's id and fire every event twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nbtrail.errors import InvalidValue
from nbtrail.recorder.line_options import Option, Words, names, pairs, read
from nbtrail.trail.rules import Rules

MARK = "%%track"
EXPERIMENT = Option(("-e", "--experiment"), "the name of an experiment")
TAG = Option(("-t", "--tag", "--tags"), "key=value", repeated=True)
NESTED = Option(("--nested",))
NO_FILES = Option(("--no-files",))
PARAMS = Option(("-p", "--params"), "names such as lr,epochs", repeated=True)
METRICS = Option(("-m", "--metrics"), "names such as acc,loss", repeated=True)

RUN_OPTIONS = (EXPERIMENT, TAG, NESTED, NO_FILES)
CELL_OPTIONS = (*RUN_OPTIONS, PARAMS, METRICS)


@dataclass(frozen=True)
class RunOptions:
    """What a line asks of the run that it starts; `rules` are those of this run alone.

    `files`: it has the files that its cells read and write.
    """

    name: str | None = None
    experiment: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    nested: bool = False
    rules: Rules = field(default_factory=Rules)
    files: bool = True


def run_options(words: Words) -> RunOptions:
    """Return what the words of a line ask for.

    Raises:
        InvalidValue: there are two names, or a value makes no sense.
    """
    if len(words.alone) > 1:
        one, other, *_ = words.alone
        raise InvalidValue(f"One name is enough: '{one}' or '{other}'? Quote a name with spaces.")
    return RunOptions(
        next(iter(words.alone), None),
        words.one(EXPERIMENT),
        pairs(words.given(TAG)),
        bool(words.given(NESTED)),
        Rules(params=names(words.given(PARAMS)), metrics=names(words.given(METRICS))),
        files=not words.given(NO_FILES),
    )


def parse_options(line: str) -> RunOptions:
    """Read ``[name] [-e experiment] [-p lr,epochs] [-m acc] [-t k=v] [--nested] [--no-files]``.

    Raises:
        InvalidValue: there is another option, a second name, or a value is missing.
    """
    return run_options(read(line, CELL_OPTIONS))


def cell_options(raw_cell: str) -> RunOptions | None:
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
