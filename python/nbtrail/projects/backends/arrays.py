"""The tasks of an array job of Slurm as workers: each connects, and executes trials after that."""

from __future__ import annotations

import logging
import queue
import secrets
import selectors
import shlex
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import AuthenticationError

from nbtrail.errors import InvalidState
from nbtrail.projects.backends import dial
from nbtrail.projects.backends.members import Member, Members
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.projects.background import jobs

_PATIENCE = 60  # seconds that Slurm has to answer; its own programs try for 20
_LOOKS = {True: 5, False: 60}  # seconds between looks at the queue, if somebody waits for it or not
_SCRIPT = """#!/bin/sh
exec {dial} "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}" {command}
"""
_log = logging.getLogger("nbtrail")


@dataclass
class Task(Member):
    """A task of an array: until it has connected, nobody knows which, and nothing is sent."""

    name: str = ""
    connection: socket.socket | None = None
    unsent: bytes = b""
    is_lost: bool = False

    def write(self, data: bytes) -> None:
        """Let it read some bytes, now or when it has connected."""
        if self.connection is None:
            self.unsent += data
        else:
            self.connection.sendall(data)

    def connected(self, name: str, connection: socket.socket) -> None:
        """Take the connection of a task, and send what it is to read."""
        self.name, self.connection = name, connection
        with suppress(OSError):  # when it has died, `events` finds that
            connection.sendall(self.unsent)

    def kill(self) -> None:
        """End it at once; what is still in the queue is there for another trial."""
        self.is_lost = self.connection is None
        if self.connection is not None:
            _cancel(self.name)

    def hang_up(self) -> None:
        """Let it know that no trial will come any more."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)

    def end(self, at_once: bool) -> None:  # noqa: ARG002 - the rest is for `Tasks.close`
        """Leave it; the whole array is cancelled in the end."""
        if self.connection is not None:
            self.connection.close()

    def ended(self) -> str:
        """Return which one has ended."""
        return f"Slurm's job {self.name}" if self.name else "Slurm's job, before it began"


class Tasks(Members[Task]):
    """As many tasks as trials may go on at once: one array, and what is lost of it once more.

    Args:
        assignment: what they execute.
        options: of each task, for sbatch.
        python: the Python there that has nbtrail.
    """

    def __init__(self, assignment: Assignment, options: Sequence[str], python: str) -> None:
        super().__init__(assignment)
        self._options, self._python = options, python
        self._name = f"nbtrail-{uuid.uuid4().hex[:12]}"
        self._key, self._secret = assignment.log.with_name(self._name), secrets.token_bytes(32)
        self._listener: socket.socket | None = None
        self._arrived = queue.SimpleQueue[tuple[str, socket.socket]]()
        self._bell, self._button = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._free: list[tuple[str, socket.socket]] = []
        self._submitted = 0  # tasks that wait or execute, as far as it is known
        self._looked = time.monotonic()

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most."""
        found = super().events(patience)
        if time.monotonic() > self._looked + _LOOKS[any(self._waiting())]:
            self._look()
        lost = [one for one in self._members if one.is_lost]
        return found + [event for one in lost for event in self._died(one)]

    def close(self) -> None:
        """End all of them, also those that wait in the queue."""
        try:
            super().close()
        finally:
            if self._listener is not None:
                _cancel(f"--name={self._name}")
                self._listener.shutdown(socket.SHUT_RDWR)  # its thread ends
            for one in (self._bell, self._button, *(made for _, made in self._free)):
                one.close()
            self._key.unlink(missing_ok=True)

    def _start(self) -> Task:
        made = Task()
        if self._free:
            self._bind(made, *self._free.pop())
        elif self._submitted <= len(self._members):
            self._submit(self._assignment.size - self._submitted)
        return made

    def _submit(self, count: int) -> None:
        """Submit an array.

        Raises:
            InvalidState: Slurm does not take it.
        """
        listener = self._listener or self._listen()
        there = [*dial.command(self._python), socket.gethostname(), str(listener.getsockname()[1])]
        script = _SCRIPT.format(
            dial=shlex.join([*there, str(self._key.absolute())]),
            command=shlex.join(self._assignment.command(self._python)),
        )
        output = str(self._assignment.log.absolute()).replace("%", "%%")
        own = [f"--array=1-{count}", f"--job-name={self._name}", f"--output={output}"]
        asked(
            ["sbatch", "--parsable", "--open-mode=append", "--no-requeue", *own, *self._options],
            script,
        )
        self._submitted += count

    def _listen(self) -> socket.socket:
        with open(self._key, "xb", opener=jobs.private) as file:
            file.write(self._secret)
        self._listener = socket.create_server(("", 0), backlog=128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self._listener

    def _accept(self, listener: socket.socket) -> None:
        with listener, suppress(OSError):  # it was shut down
            while True:
                made, _ = listener.accept()
                threading.Thread(target=self._meet, args=(made,), daemon=True).start()

    def _meet(self, made: socket.socket) -> None:
        """Have one that has connected prove that it is a task."""
        try:
            name = dial.answered(made, self._secret)
            self._arrived.put((name, made))
            self._button.send(b"!")
        except (OSError, EOFError, ValueError, AuthenticationError):
            made.close()

    def _heard(self, one: Task | None, descriptor: int) -> list[Event]:
        if one is not None:
            return super()._heard(one, descriptor)
        self._bell.recv(4096)
        while not self._arrived.empty():
            arrived = self._arrived.get()
            if waiting := next(self._waiting(), None):
                self._bind(waiting, *arrived)
            else:
                self._free.append(arrived)
        return []

    def _bind(self, one: Task, name: str, made: socket.socket) -> None:
        self._selector.register(made, selectors.EVENT_READ, one)
        one.connected(name, made)

    def _died(self, one: Task) -> list[Event]:
        self._submitted -= one.connection is not None
        return super()._died(one)

    def _waiting(self) -> Iterator[Task]:
        return (one for one in self._members if one.connection is None)

    def _look(self) -> None:
        """Find what Slurm has ended, and what can tell nobody: its machine is gone."""
        self._looked = time.monotonic()
        try:
            lines = asked(
                ["squeue", "--noheader", "--array", f"--name={self._name}", "--format=%F_%K %T"]
            ).splitlines()
        except InvalidState:
            return  # it may answer later
        states = dict(line.split() for line in lines)
        there = {name for name, state in states.items() if state != "COMPLETING"}
        known = {one.name for one in self._members} | {name for name, _ in self._free}
        for one in self._members:
            if one.connection is not None and one.name not in there:
                with suppress(OSError):
                    one.connection.shutdown(socket.SHUT_RDWR)  # `events` finds that
        waiting = list(self._waiting())
        for one in waiting[len(there - known) + self._arrived.qsize() :]:
            one.is_lost = True
            self._submitted -= 1


def asked(command: Sequence[str], given: str = "") -> str:
    """Return what a program of Slurm's says.

    Args:
        command: the program, and what it is asked.
        given: what it reads.

    Raises:
        InvalidState: it is not there, or fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 - what is given is no option, see `_options`
            command,
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise InvalidState(f"The backend slurm needs Slurm: there is no {command[0]}.") from None
    except subprocess.TimeoutExpired:
        raise InvalidState(f"Slurm did not answer within {_PATIENCE} s.") from None
    if done.returncode:
        *_, said = ["it says nothing", *filter(str.strip, done.stderr.splitlines())]
        raise InvalidState(f"Slurm cannot execute trials: {said.strip().rstrip('.')[:300]}.")
    return done.stdout


def _cancel(what: str) -> None:
    """Have Slurm end a task, or all of a name; one that has ended is none any more."""
    try:
        asked(["scancel", "--quiet", what])
    except InvalidState as error:  # what the sweep has come to stands all the same
        _log.warning("nbtrail: a job of Slurm may be left, %s: %s", what, error)
