"""What a process prints: it is shown, kept in a file, and its last line remembered."""

from __future__ import annotations

import codecs
import logging
import os
import re
from pathlib import Path
from typing import IO

MOST_KEPT = 10_000_000  # bytes in the file
_TAIL = 16_384  # bytes that are looked at for the last line
_log = logging.getLogger("nbtrail")


class Printed:
    """What one process prints.

    It is read to its end whatever happens: a process whose output nobody takes is stopped by it.

    Args:
        log: the file to keep it in.
    """

    def __init__(self, log: Path) -> None:
        self._file = log.open("wb", buffering=0)
        self._room = MOST_KEPT
        self._is_shown = True
        self._tail = b""

    def copy(self, pipe: IO[bytes]) -> None:
        """Show and keep what comes out of a pipe, until that is closed."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with pipe, self._file:
            while piece := os.read(pipe.fileno(), 65536):
                self._tail = (self._tail + piece)[-_TAIL:]
                self._keep(piece[: self._room])
                self._show(decoder.decode(piece))

    def last_line(self) -> str:
        """Return the last line that is not empty; of one that was drawn anew, the last state."""
        lines = re.split(r"[\r\n]+", self._tail.decode(errors="replace"))
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _keep(self, piece: bytes) -> None:
        try:
            self._room -= self._file.write(piece) if piece else 0
        except OSError as error:
            self._room = 0
            _log.warning("nbtrail: what the command prints from here on is not kept: %s", error)

    def _show(self, text: str) -> None:
        if not self._is_shown:
            return
        try:
            print(text, end="", flush=True)
        except UnicodeEncodeError as error:  # a terminal that does not have all letters
            self._show(text.encode(error.encoding, "backslashreplace").decode(error.encoding))
        except (OSError, ValueError):  # nobody looks any more
            self._is_shown = False
