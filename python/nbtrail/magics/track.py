"""``%track`` and ``%%track``: parse, call, show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import line_cell_magic, magics_class

from nbtrail.errors import NbtrailError, did_you_mean
from nbtrail.magics.command import Command
from nbtrail.magics.commands import COMMANDS
from nbtrail.magics.commands.recording import status
from nbtrail.magics.completion import complete
from nbtrail.magics.configuration import NbTrail
from nbtrail.magics.context import Context
from nbtrail.recorder import Recorder
from nbtrail.recorder.cell_magic import parse_options
from nbtrail.recorder.line_options import Words

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

CELL_USAGE = (
    "%%track [NAME] [-e EXPERIMENT] [-p NAMES] [-m NAMES] [-t KEY=VALUE] [--nested] [--no-files]"
)
EXAMPLES = """\
Examples:  %track start baseline -e wine     %%track "deeper tree" -p lr,cfg
           %track list metrics.acc > 0.9     %track why acc"""


@magics_class
class TrackMagics(NbTrail):
    """The magics of one shell."""

    def __init__(self, shell: InteractiveShell, recorder: Recorder) -> None:
        super().__init__(shell)
        self._context = Context(shell, recorder, self)

    @line_cell_magic
    def track(self, line: str, cell: str | None = None) -> None:
        """Record runs; ``%track`` alone shows what it can do."""
        try:
            if cell is not None:
                # A line without a mistake never comes here: the recorder took it off.
                parse_options(line)
                raise UsageError("%%track must be the first line of a cell, with the recorder on.")
            word, _, rest = line.strip().partition(" ")
            _command(word or "help").call(self._context, rest.strip())
        except NbtrailError as error:
            raise UsageError(str(error)) from None

    def complete(self, _shell: InteractiveShell, event: object) -> list[str]:
        """Complete a line, for IPython."""
        text, symbol = (str(getattr(event, name, "")) for name in ("text_until_cursor", "symbol"))
        return complete(self._context, text, symbol)


def _command(word: str) -> Command:
    if word in (_HELP.name, "-h", "--help"):
        return _HELP
    if word not in COMMANDS:
        raise UsageError(
            f"%track knows no '{word}'.{did_you_mean(word, COMMANDS)} "
            "'%track' alone shows what there is."
        )
    return COMMANDS[word]


def _help(context: Context, words: Words) -> None:
    """Print all subcommands, and the status."""
    lines = [(f"%track {one.usage}", one.help) for one in COMMANDS.values()]
    for usage, text in [*lines, (CELL_USAGE, "as a cell's first line: it is a run by itself")]:
        print(f"{usage:<38} {text}" if len(usage) < 38 else f"{usage}\n{'':<38} {text}")
    print(f"\n{EXAMPLES}\n")
    status(context, words)


_HELP = Command("help", "this help, and the status", _help)
