"""The process of one execution of a step, seen from the pipeline that waits for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from nbtrail import config
from nbtrail.projects.processes import GRACE, LAST_GRACE, kill_tree

Result = dict[str, Any]


class StepProcess:
    """Executes a step (step.py) and tells when it has ended.

    Args:
        asked: what the process is told: values for JSON, without `result`.
        folder: where the process works.
        result: the file in which it says how it ended.
        label: before each line that it prints; None: what it prints is not shown.
        ended: is called in a thread of its own, with how it ended.
    """

    def __init__(
        self,
        asked: Mapping[str, Any],
        folder: Path,
        result: Path,
        label: str | None,
        ended: Callable[[Result], None],
    ) -> None:
        self._result, self._label, self._ended = result, label, ended
        self._last = ""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nbtrail.projects.pipelines.step"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name not in config.RUN_ID},
            start_new_session=True,  # ctrl-C comes by us
        )
        assert self._process.stdin
        assert self._process.stdout
        told = {**asked, "result": str(result)}
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(told).encode() + b"\n")
            self._process.stdin.flush()  # it stays open: when it closes, we are dead
        self._thread = threading.Thread(
            target=self._attend, args=(self._process.stdout,), daemon=True
        )
        self._thread.start()

    def interrupt(self) -> None:
        """Have it end as ctrl-C would."""
        self._process.send_signal(signal.SIGINT)

    def finish(self) -> None:
        """Wait for its end after an interrupt; kill what does not heed it."""
        for seconds in (GRACE, LAST_GRACE):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                break
            self.interrupt()
        else:
            kill_tree(self._process.pid)
        self._thread.join(LAST_GRACE)

    def _attend(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                text = line.decode(errors="replace").rstrip()
                self._last = text or self._last
                self._show(text)
        status = self._process.wait()
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.close()
        self._ended(self._said(status))

    def _show(self, text: str) -> None:
        if self._label is None:
            return
        line = f"[{self._label}] {text}"
        try:
            print(line, flush=True)
        except UnicodeEncodeError:
            print(line.encode("ascii", "backslashreplace").decode(), flush=True)
        except (OSError, ValueError):  # nobody looks any more
            self._label = None

    def _said(self, status: int) -> Result:
        try:
            found: Result = json.loads(self._result.read_text())
        except (OSError, ValueError):
            how = f"signal {-status}" if status < 0 else f"status {status}"
            found = {
                "state": "failed",
                "run_id": None,
                "error": f"Its process ended with {how}: {self._last[:300]}",
            }
        return found
