"""Supervisors: started detached, watched until ready, ended."""

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
from nbtrail.serving.supervision import liveness
from nbtrail.store import Store

GRACE = 8.0  # seconds for workers to finish their requests
POLL = 0.02


class Supervisor:
    """A supervisor that this process starts. `row` is the endpoint while it is not ready.

    The row is written without a pid before the process exists: once it does, it may be ready,
    and have written the row itself, at any moment.
    """

    def __init__(self, store: Store, row: Endpoint) -> None:
        self.row = row
        self._store = store
        self._log = liveness.log_path(store, row.name)
        self._process: subprocess.Popen[bytes] | None = None

    def run_until_ready(self, revision: int, timeout: float, replaces: Endpoint | None) -> Endpoint:
        """Start the process and return the endpoint as it wrote it.

        Raises:
            EndpointError: it ended, or does not serve the revision in time.
        """
        if replaces is None:
            self._store.endpoints.put(self.row)
        with open(self._log, "ab", opener=_private) as output:
            offset = output.tell()
            process = self._process = subprocess.Popen(  # noqa: S603 - our own module
                self._command(revision),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        # Somebody must wait for it, else it stays a zombie for as long as this process lives.
        threading.Thread(target=process.wait, daemon=True).start()
        return wait_for(
            self._store,
            self.row.name,
            revision,
            timeout,
            pid=process.pid,
            gone=lambda: self._end_of(process, offset),
        )

    def failed(self, error: BaseException) -> Endpoint:
        """Return the endpoint as it is after `error`."""
        said = str(error) or type(error).__name__
        return msgspec.structs.replace(self.row, state="failed", error=said)

    def kill(self) -> None:
        """Kill the process, which serves nobody yet; its workers end when it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            liveness.worker_lock(self._store, self.row.name, self._process.pid).unlink(
                missing_ok=True
            )

    def _command(self, revision: int) -> list[str]:
        row = self.row
        return [
            # -P: what lies in the current directory must not stand in for a module of Python's.
            *(sys.executable, "-P", "-m", "nbtrail.serving.supervision.supervisor"),
            *("--store", self._store.uri, "--name", row.name, "--revision", str(revision)),
            *("--host", row.host, "--port", str(row.port or 0)),
        ]

    def _end_of(self, process: subprocess.Popen[bytes], offset: int) -> str | None:
        """Return why the process ended, if it did."""
        if process.poll() is None:
            return None
        with self._log.open("rb") as file:
            file.seek(offset)
            lines = file.read().decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), None)
        return said or f"its process ended with {process.returncode}."


def wait_for(
    store: Store,
    name: str,
    revision: int,
    timeout: float,
    pid: int | None = None,
    gone: Callable[[], str | None] = lambda: None,
) -> Endpoint:
    """Return the endpoint once a revision of it is live.

    Args:
        store: where its supervisor tells.
        name: of the endpoint.
        revision: to wait for.
        timeout: seconds that it has.
        pid: of the supervisor that must have written the row.
        gone: returns why the supervisor ended, once it has.

    Raises:
        EndpointError: it failed, or is not live in time.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        ended = gone()
        now = next(one for one in store.endpoints.revisions(name) if one.revision == revision)
        if now.state == "live":
            row = store.endpoints.get(name)
            if row is not None and pid in {None, row.pid}:
                return row
        if now.state == "failed" or ended:
            raise EndpointError(f"Endpoint '{name}' did not start: {now.error or ended}")
        time.sleep(POLL)
    error = (
        f"Endpoint '{name}' was not ready after {timeout:g} s; "
        f"{liveness.log_path(store, name)} may say why."
    )
    store.endpoints.end_revision(name, revision, "failed", error)
    raise EndpointError(error)


def end(store: Store, endpoint: Endpoint) -> None:
    """End the processes of an endpoint, if they live: politely, then not."""
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
