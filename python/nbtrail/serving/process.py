"""Worker processes: started detached, watched until ready, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import msgspec

from nbtrail.entities import Endpoint
from nbtrail.errors import EndpointError
from nbtrail.serving import liveness
from nbtrail.store import Store

GRACE = 8.0  # seconds for a worker to finish its requests
POLL = 0.02


class Worker:
    """A worker that this process starts. `row` is the endpoint while it is not ready.

    The row is written without a pid before the process exists: once it does, it may be ready,
    and have written the row itself, at any moment.
    """

    def __init__(self, store: Store, row: Endpoint) -> None:
        self.row = row
        self._store = store
        self._log = liveness.log_path(store, row.name)
        self._process: subprocess.Popen[bytes] | None = None

    def run_until_ready(self, timeout: float) -> Endpoint:
        """Start the process and return the endpoint as the worker wrote it.

        Raises:
            EndpointError: the process ended, or is not ready in time.
        """
        with open(self._log, "ab", opener=_private) as output:
            offset = output.tell()
            process = self._process = subprocess.Popen(  # noqa: S603 - our own module
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        # Somebody must wait for it, else it stays a zombie for as long as this process lives.
        threading.Thread(target=process.wait, daemon=True).start()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            row = self._store.endpoints.get(self.row.name)
            if row is not None and row.pid == process.pid and row.state == "ready":
                return row
            if process.poll() is not None:
                said = self._last_line(offset) or f"its process ended with {process.returncode}."
                raise EndpointError(f"Endpoint '{self.row.name}' did not start: {said}")
            time.sleep(POLL)
        raise EndpointError(
            f"Endpoint '{self.row.name}' was not ready after {timeout:g} s; "
            f"{self._log} may say why."
        )

    def failed(self, error: BaseException) -> Endpoint:
        """Return the endpoint as it is after `error`."""
        said = str(error) or type(error).__name__
        return msgspec.structs.replace(self.row, state="failed", error=said)

    def kill(self) -> None:
        """Kill the process, which serves nobody yet."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            liveness.worker_lock(self._store, self.row.name, self._process.pid).unlink(
                missing_ok=True
            )

    def _command(self) -> list[str]:
        row = self.row
        return [
            # -P: what lies in the current directory must not stand in for a module of Python's.
            *(sys.executable, "-P", "-m", "nbtrail.serving.worker"),
            *("--store", self._store.uri, "--name", row.name, "--model", row.model_uri),
            *("--host", row.host, "--port", str(row.port or 0)),
        ]

    def _last_line(self, offset: int) -> str | None:
        with self._log.open("rb") as file:
            file.seek(offset)
            lines = file.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), None)


def end(store: Store, endpoint: Endpoint) -> None:
    """End the worker of an endpoint, if it lives: politely, then not."""
    for number, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        if endpoint.pid is None or not liveness.is_alive(store, endpoint):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(endpoint.pid, number)
        _wait(lambda: not liveness.is_alive(store, endpoint), patience)
    if endpoint.pid is not None:  # who was killed could not tidy up
        liveness.worker_lock(store, endpoint.name, endpoint.pid).unlink(missing_ok=True)


def _wait(condition: Callable[[], bool], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        time.sleep(POLL)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
