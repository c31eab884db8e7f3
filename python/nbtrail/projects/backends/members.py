"""Workers that execute trials, each one after the other, and are told of them by lines."""

from __future__ import annotations

import os
import selectors
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from nbtrail.projects.backends.messages import STOP, Order, Told
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.projects.processes import GRACE, Stoppable

_PIECE = 65536
_TAIL = 4096  # bytes of a log in which its last line is looked for


@dataclass(kw_only=True)
class Member(Stoppable):
    """A worker and the trial that it executes: its number, its run."""

    trial: int | None = None
    run_id: str | None = None
    read: bytes = b""

    def interrupt(self) -> None:
        """Have it interrupt its trial, on whatever machine that is."""
        self.tell(STOP)

    def tell(self, line: bytes) -> None:
        """Let it read a line."""
        with suppress(BrokenPipeError, ConnectionError):  # when it has died, `events` finds that
            self.write(line + b"\n")

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Let it read some bytes."""

    @abstractmethod
    def hang_up(self) -> None:
        """Let it know that no trial will come any more."""

    @abstractmethod
    def end(self, at_once: bool) -> None:
        """Wait until it has ended, for a while, then kill it."""

    @abstractmethod
    def ended(self) -> str:
        """Return how it has ended."""


M = TypeVar("M", bound=Member)


class Members(ABC, Generic[M]):
    """As many workers as trials may go on at once. They start when they are needed.

    Args:
        assignment: what they execute.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._members: list[M] = []
        self._selector = selectors.DefaultSelector()

    @property
    def running(self) -> dict[int, str | None]:
        """The trials that go on, with their runs as soon as there are such."""
        return {one.trial: one.run_id for one in self._members if one.trial is not None}

    def is_full(self) -> bool:
        """Tell whether no other trial may begin now."""
        return len(self.running) >= self._assignment.size

    def begin(self, trial: int, order: Order) -> None:
        """Have a trial executed by a worker that has nothing to do."""
        free = next((one for one in self._members if one.trial is None), None)
        if free is None:
            self._members.append(free := self._start())
        free.trial, free.run_id = trial, None
        free.asked = 0
        free.tell(msgspec.json.encode(order))

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most."""
        found: list[Event] = []
        for key, _ in self._selector.select(patience):
            found += self._heard(key.data, key.fd)
        return found

    def stop(self, trial: int) -> None:
        """Have a trial end; to be called until it has."""
        for one in self._members:
            if one.trial == trial and one.run_id is None:
                one.kill()  # it has not begun: it may wait for its turn for long
            elif one.trial == trial:
                one.stop(GRACE)

    def close(self) -> None:
        """End all workers: those that execute something are interrupted, then killed."""
        try:
            self.events(0)  # which of them have begun
            while running := self.running:
                for trial in running:
                    self.stop(trial)
                self.events(0.1)
        finally:  # whoever presses ctrl-C again does not want to wait
            for one in self._members:
                one.hang_up()  # all of them end meanwhile
            for one in self._members:
                one.end(at_once=one.trial is not None)
            self._selector.close()

    @abstractmethod
    def _start(self) -> M:
        """Start a worker; register what it says as soon as there is such."""

    def _heard(self, one: M, descriptor: int) -> list[Event]:
        try:
            piece = os.read(descriptor, _PIECE)
        except ConnectionError:
            piece = b""
        if not piece:
            self._selector.unregister(descriptor)
            return self._died(one)
        *lines, one.read = (one.read + piece).split(b"\n")
        return [event for line in lines for event in self._told(one, line)]

    def _told(self, one: M, line: bytes) -> list[Event]:
        """Return what a line says; one that is not the worker's own is for the log."""
        try:
            told = msgspec.json.decode(line, type=Told)
        except msgspec.DecodeError:
            with self._assignment.log.open("ab") as log:
                log.write(line + b"\n")
            return []
        return _events(one, told)

    def _died(self, one: M) -> list[Event]:
        self._members.remove(one)
        one.end(at_once=True)
        self._assignment.store.drain()  # its run is KILLED
        if one.trial is None:
            return []
        why = f"its process died ({one.ended()})"
        if one.run_id is None and (last := _last_line(self._assignment.log)):
            why = f"{why}: {last}"
        return [Event(one.trial, Told("failed", one.run_id, why), died=True)]


def _last_line(file: Path) -> str:
    with file.open("rb") as log:
        log.seek(max(log.seek(0, os.SEEK_END) - _TAIL, 0))
        lines = log.read().decode("utf-8", "replace").splitlines()
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def _events(one: Member, told: Told) -> list[Event]:
    if one.trial is None:
        return []
    one.run_id, trial = told.run_id, one.trial
    if told.state == "running":
        return []
    one.trial = None
    return [Event(trial, told)]
