"""One worker process as its supervisor sees it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import psutil

from nbtrail.entities import EndpointConfig
from nbtrail.serving.supervision.channel import Channel
from nbtrail.serving.supervision.figures import Figures

START = 120.0  # seconds to import the framework, load the model and warm up
INSTALL = 1800.0  # seconds more, where packages may have to be installed first
SILENCE = 20.0  # seconds without a beat: it hangs
STUCK = 3.0  # seconds that a request may go on after its deadline
TOO_FAR = 1.5  # times the memory that it may have: it is not asked to finish what it does
LINGER = 15.0  # seconds to finish what is under way

State = Literal["starting", "ready", "draining"]


class Member:
    """A worker process, from its start to its end.

    Args:
        listener: the socket that all workers of an endpoint accept from.
        order: what it is to serve: see `nbtrail.serving.supervision.worker`.
        log: where it writes what it says.
        config: how it serves.
    """

    def __init__(
        self, listener: socket.socket, order: dict[str, Any], log: Path, config: EndpointConfig
    ) -> None:
        self.state: State = "starting"
        self.started = time.time()
        self.figures = Figures()
        self.memory = self.in_flight = 0
        self.oldest = 0.0
        self.deaf = False  # takes no new connections
        self._deadline = config.deadline_s
        self._most = config.max_memory_mb
        self._patience = START + (INSTALL if config.env == "uv" else 0)
        self._log = log
        self._offset = log.stat().st_size if log.exists() else 0
        self._since = self._heard = time.monotonic()
        self._wrong: str | None = None
        mine, its = socket.socketpair()
        with its:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                _command(order, config, listener, its),
                stdin=subprocess.DEVNULL,
                pass_fds=_shared(listener, its),
            )
        self.channel = Channel(mine)
        self.channel.send(order)
        mine.setblocking(False)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    def listen(self) -> list[dict[str, Any]]:
        """Take in what the worker says; return the figures of its beats."""
        told = self.channel.receive()
        for message in told:
            self._heard = time.monotonic()
            match message["say"]:
                case "ready":
                    self._enter("ready")
                case "deaf":
                    self.deaf = True
                case "beat":
                    self.memory, self.in_flight = message["memory"], message["in_flight"]
                    self.oldest = message["oldest"]
                    self.figures.add(message["figures"])
        return [message["figures"] for message in told if message["say"] == "beat"]

    def drain(self) -> None:
        """Let it finish what is under way and end; it takes nothing new."""
        if self.state != "draining":
            self._enter("draining")
            self.channel.send({"do": "drain"})

    def kill(self, why: str) -> None:
        """End it at once."""
        self._wrong = self._wrong or why
        self.process.kill()

    def ended(self) -> bool:
        """Say whether the process is gone; one that must go is helped on."""
        if self.process.poll() is not None:
            return True
        if trouble := self._trouble():
            self.kill(trouble)
        return False

    def reason(self) -> str:
        """Return why a process that is gone ended."""
        code = self.process.returncode
        said = self._wrong or self._last_line()
        if code is not None and code < 0 and self._wrong is None:
            return f"It was killed by signal {-code}."
        if code and self.state == "ready" and self._wrong is None:
            return f"It ended with status {code}."  # its last line may be about anything
        return said or f"It ended with status {code}."

    def ready_for(self) -> float:
        """Return for how many seconds it has been in its state."""
        return time.monotonic() - self._since

    def close(self) -> None:
        """Let go of its channel."""
        self.channel.socket.close()

    def _enter(self, state: State) -> None:
        self.state, self._since = state, time.monotonic()

    def _trouble(self) -> str | None:
        """Return what is wrong with a process that goes on."""
        now = time.monotonic()
        if self.state == "starting" and now - self._since > self._patience:
            return f"It was not ready after {self._patience:g} s."
        if self.state == "draining" and now - self._since > LINGER:
            return "It did not end."
        if self.state != "starting" and now - self._heard > SILENCE:
            return f"It hung: nothing was heard of it for {SILENCE:g} s."
        if self._most and memory_of(self.pid) > TOO_FAR * self._most * 1024**2:
            return f"It used more than {TOO_FAR} times {self._most} MB."
        if self.oldest > self._deadline + STUCK:
            return "It hung: a request went on and on after its deadline."
        return None

    def _last_line(self) -> str | None:
        with self._log.open("rb") as file:
            file.seek(self._offset)
            lines = file.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), None)


def memory_of(pid: int) -> int:
    """Return the bytes of memory that a process has to itself and shares; 0 if it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _command(
    order: dict[str, Any], config: EndpointConfig, listener: socket.socket, channel: socket.socket
) -> list[str]:
    sockets = ("--listener", str(listener.fileno()), "--channel", str(channel.fileno()))
    # -P: what lies in the current directory must not stand in for a module of Python's.
    python = (sys.executable, "-P", "-m")
    if config.env == "local":
        return [*python, "nbtrail.serving.supervision.worker", *sockets]
    models = [part for directory in order["directories"] for part in ("--model", directory)]
    return [*python, "nbtrail.serving.supervision.environment", *models, "--", *sockets]


def _shared(*sockets: socket.socket) -> tuple[int, ...]:
    return tuple(one.fileno() for one in sockets)
