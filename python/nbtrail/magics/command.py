"""A subcommand of ``%track``: what it takes, what it does, and what completes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from IPython.core.error import UsageError

from nbtrail.magics.context import Context
from nbtrail.recorder.line_options import Option, Words, read

Completion = Callable[[Context], Iterable[str]]


def nothing(_: Context) -> Iterable[str]:
    """Complete nothing."""
    return ()


@dataclass(frozen=True)
class Command:
    """A subcommand.

    Attributes:
        usage: how it is written, its name first.
        help: what it does, in one line.
        run: does it.
        options: what it takes beside words.
        least: so many words it needs.
        most: so many it takes at most; None for any number.
        completes: gives what its words can be.
        read: reads the line behind its name.
    """

    usage: str
    help: str
    run: Callable[[Context, Words], None]
    options: tuple[Option, ...] = ()
    least: int = 0
    most: int | None = 0
    completes: Completion = nothing
    read: Callable[[str, Iterable[Option]], Words] = read

    @property
    def name(self) -> str:
        """The subcommand's name."""
        return self.usage.split()[0]

    def call(self, context: Context, line: str) -> None:
        """Do what a line asks for.

        Raises:
            UsageError: it has too few words, or too many.
            NbtrailError: what it names is not there, or makes no sense.
        """
        words = self.read(line, self.options)
        if self.most == 0 and words.alone:
            raise UsageError(f"'%track {self.name}' takes no arguments, but got '{line}'.")
        if len(words.alone) < self.least:
            raise UsageError(f"Something is missing. It is written: %track {self.usage}")
        if self.most is not None and len(words.alone) > self.most:
            extra = words.alone[self.most]
            raise UsageError(f"'{extra}' is too much. It is written: %track {self.usage}")
        self.run(context, words)


def whole_line(line: str, _: Iterable[Option]) -> Words:
    """Read a line as one text, whatever is in it."""
    return Words([line] if line else [])


def as_written(line: str, options: Iterable[Option]) -> Words:
    """Read a line whose words keep their quotes, as a filter's do."""
    return read(line, options, quoted=True)
