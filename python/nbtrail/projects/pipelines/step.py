"""One execution of a step: ``python -m nbtrail.projects.pipelines.step``.

The first line of standard input says what it is. The pipeline holds the other end: when that is
gone, this process interrupts itself.
"""

from __future__ import annotations

import json
import os
import signal
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nbtrail.errors import ExecutionFailed, NbtrailError
from nbtrail.projects.asked import from_options
from nbtrail.projects.background.worker import lifeline
from nbtrail.projects.finding import entry_work
from nbtrail.projects.pipelines.parts import State
from nbtrail.projects.sources import Source
from nbtrail.startup import skip_iri_grammar
from nbtrail.store import open_store


class _Noted:
    """Knows which run it is, also if that does not get to its end."""

    run_id: str | None = None

    def run_begun(self, run_id: str) -> None:
        self.run_id = run_id

    def cell_begun(self, number: int, total: int, source: str) -> None:
        """Take note of nothing: the run has its cells."""


def execute(told: dict[str, Any]) -> dict[str, Any]:
    """Execute a step; return how it ended."""
    noted = _Noted()
    state: State = "failed"
    error: str | None = None
    try:
        store = open_store(told["store"], create=False)
        source = Source(**{**told["source"], "directory": Path(told["source"]["directory"])})
        asked = from_options(told["options"], store, noted)
        with ExitStack() as opened:
            entry_work(asked, source, told["entry_point"], opened).execute()
        state = "finished"
    except KeyboardInterrupt:
        state, error = "stopped", "Interrupted"
    except ExecutionFailed as failed:
        error = str(failed)
    except NbtrailError as mistake:
        error = str(mistake)
    except Exception as mistake:
        traceback.print_exc()
        error = f"{type(mistake).__name__}: {mistake}"
    return {"state": state, "run_id": noted.run_id, "error": error}


def _first_line() -> bytes:
    """Return the first line of standard input, and take no more of it."""
    line = b""
    while (one := os.read(0, 1)) not in {b"", b"\n"}:
        line += one
    return line


def main() -> None:
    """Execute the step that standard input names."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    skip_iri_grammar()
    told = json.loads(_first_line())
    lifeline.start()
    result = Path(told["result"])
    fresh = result.with_suffix(".new")
    fresh.write_text(json.dumps(execute(told)))
    fresh.rename(result)


if __name__ == "__main__":
    main()
