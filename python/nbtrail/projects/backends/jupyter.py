"""Trials on the machine of a Jupyter server: each process is started by a kernel there.

Where the notebook, the store and nbtrail are is the same on both machines, by a file system that
they share.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import urllib.request
import uuid
from contextlib import suppress
from http.client import HTTPException
from typing import Annotated, Any

from msgspec import Meta

from nbtrail.entities import Record
from nbtrail.errors import InvalidState, InvalidValue, did_you_mean
from nbtrail.projects.backends.processes import Process, Processes
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.projects.processes import slots

_TOKEN = "JUPYTER_TOKEN"  # noqa: S105 - the environment variable that has it
PATIENCE = 30  # seconds that a server has to answer
_PERIOD = 0.2  # seconds between looks at whether a trial has ended
_LONGEST_END = 60.0  # seconds: it is interrupted, and killed a while later

_log = logging.getLogger("nbtrail")


class Server:
    """The REST API of a Jupyter server. Its token is in the environment variable JUPYTER_TOKEN."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        token = os.environ.get(_TOKEN)
        self.headers = {"Authorization": f"token {token}"} if token else {}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return what it answers.

        Raises:
            InvalidState: it does not answer, or refuses.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self.url}/api/{path}", data, method=method
        )
        for name, value in self.headers.items():  # for this server, not for one that it names
            request.add_unredirected_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                return json.loads(response.read() or b"null")
        except (OSError, ValueError, HTTPException) as error:  # also for an HTTP status of 400 on
            why = str(error).removeprefix("<urlopen error ").removesuffix(">")
            raise InvalidState(
                f"The Jupyter server {self.url} does not do as asked ({path}): {why}."
            ) from None


def path_of(name: str, relay: int) -> str:
    """Return the path of the session of a pool's relay, by the number of its process."""
    return f"{name}-{relay}."  # the dot: of 12 and 123, neither begins with the other


class Jupyter(Record, frozen=True):
    """A Jupyter server; its token is in the environment, `JUPYTER_TOKEN`."""

    url: Annotated[str, Meta(description="As in a browser, but for /lab: http://gpu1:8888")] = ""
    kernel: Annotated[str, Meta(description="The name of a Python kernel there")] = "python3"
    python: Annotated[str, Meta(description="The Python there that has nbtrail")] = ""

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise InvalidValue("it needs an address, as in --backend-option url=http://gpu1:8888")
        if "?" in self.url or "#" in self.url:
            raise InvalidValue(f"the token is not for the address: set {_TOKEN}")

    def reach(self) -> int:
        """See that the server is there and has the kernel.

        Raises:
            InvalidState: it does not answer, refuses, or has no such kernel.
        """
        known = list(Server(self.url).ask("GET", "kernelspecs").get("kernelspecs", {}))
        if self.kernel not in known:
            raise InvalidState(
                f"The Jupyter server {self.url} has no kernel '{self.kernel:.80}'."
                f"{did_you_mean(self.kernel, known)} It has: {', '.join(known)}."
            )
        return slots()

    def pool(self, assignment: Assignment) -> Kernels:
        """Return the kernels; none has started yet."""
        here, name = os.getcwd(), f"nbtrail-{uuid.uuid4().hex[:12]}"  # noqa: PTH109
        relay = [sys.executable, "-P", "-m", "nbtrail.projects.backends.relay"]
        front = [*relay, self.url, name, self.kernel, here]
        command = [*front, *assignment.command(self.python)]
        return Kernels(assignment, command, Server(self.url), name)


class Kernels(Processes):
    """Processes that kernels of sessions have started, whose names begin alike."""

    def __init__(
        self, assignment: Assignment, command: list[str], server: Server, name: str
    ) -> None:
        super().__init__(assignment, command)
        self._server, self._name = server, name
        self._ending: dict[int, float] = {}  # trials whose relay died, and until when to wait

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; what a relay has left goes on until that has ended."""
        found = super().events(min(patience, _PERIOD) if self._ending else patience)
        for one in [*self._members]:
            if one.trial in self._ending and self._has_ended(one):
                del self._ending[one.trial]
                found += super()._died(one)
        return found

    def close(self) -> None:
        """End all of them, also those whose relay died."""
        try:
            super().close()
        finally:
            try:
                self._end_sessions(self._name)
            except InvalidState as error:  # what the sweep has come to stands all the same
                _log.warning("nbtrail: kernels named %s may be left: %s", self._name, error)

    def _died(self, one: Process) -> list[Event]:
        """Keep a trial whose relay is gone: the process there may still execute it."""
        if one.trial is None:
            return super()._died(one)
        self._ending[one.trial] = time.monotonic() + _LONGEST_END
        return []

    def _has_ended(self, one: Process) -> bool:
        """End what the relay of a trial has left; say whether the trial goes on no more."""
        assert one.trial is not None
        is_late = time.monotonic() > self._ending[one.trial]
        try:
            self._end_sessions(path_of(self._name, one.process.pid))
        except InvalidState:  # the network, perhaps: it may answer later
            return is_late
        if one.run_id is None:
            return True
        self._assignment.store.drain()
        return is_late or self._assignment.store.runs.info(one.run_id).end_time is not None

    def _end_sessions(self, name: str) -> None:
        for session in self._server.ask("GET", "sessions"):
            if str(session["path"]).startswith(name):
                with suppress(InvalidState):  # it ends by itself just now
                    self._server.ask("DELETE", f"sessions/{session['id']}")
