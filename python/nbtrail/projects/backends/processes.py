"""Processes that execute trials, each one after the other; by themselves, those of this machine."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nbtrail.entities import Record
from nbtrail.projects import jobs
from nbtrail.projects.backends.messages import STOP, Order, Told
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.projects.supervisor import GRACE, Worker, kill_tree, said, slots

_PIECE = 65536
_TAIL = 4096  # bytes of a log in which its last line is looked for


class Local(Record, frozen=True):
    """Processes of this machine. It has no options."""

    def reach(self) -> int:
        """Return how many processes there may be."""
        return slots()

    def pool(self, assignment: Assignment) -> Processes:
        """Return the processes; none has started yet."""
        return Processes(assignment, assignment.command())


@dataclass
class _Process(Worker):
    """A process and the trial that it executes: its number, its run."""

    trial: int | None = None
    run_id: str | None = None
    read: bytes = b""

    def interrupt(self) -> None:
        """Have it interrupt its trial, on whatever machine that is."""
        self.write(STOP)

    def write(self, line: bytes) -> None:
        """Let it read a line."""
        with suppress(BrokenPipeError):  # when it has died, `events` finds that
            os.write(_input(self), line + b"\n")


class Processes:
    """As many processes as trials may go on at once. They start when they are needed.

    Args:
        assignment: what they execute.
        command: of each; another one may be in front of the assignment's, and pass on what is
            written and read.
        directory: where they work (default: here).
    """

    def __init__(
        self, assignment: Assignment, command: Sequence[str], directory: str | None = None
    ) -> None:
        self._assignment, self._command, self._directory = assignment, command, directory
        self._processes: list[_Process] = []
        self._selector = selectors.DefaultSelector()

    @property
    def running(self) -> dict[int, str | None]:
        """The trials that go on, with their runs as soon as there are such."""
        return {one.trial: one.run_id for one in self._processes if one.trial is not None}

    def is_full(self) -> bool:
        """Tell whether no other trial may begin now."""
        return len(self.running) >= self._assignment.size

    def begin(self, trial: int, order: Order) -> None:
        """Have a trial executed by a process that has nothing to do."""
        free = next((one for one in self._processes if one.trial is None), None) or self._start()
        free.trial, free.run_id = trial, None
        free.asked = 0
        free.write(msgspec.json.encode(order))

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most."""
        found: list[Event] = []
        for key, _ in self._selector.select(patience):
            found += self._heard(key.data)
        return found

    def stop(self, trial: int) -> None:
        """Have a trial end; to be called until it has."""
        for one in self._processes:
            if one.trial == trial and one.run_id is None:
                kill_tree(one.process.pid)  # it has not begun: it may wait for its turn for long
            elif one.trial == trial:
                one.stop(GRACE)

    def close(self) -> None:
        """End all processes: those that execute something are interrupted, then killed."""
        try:
            self.events(0)  # which of them have begun
            while running := self.running:
                for trial in running:
                    self.stop(trial)
                self.events(0.1)
        finally:  # whoever presses ctrl-C again does not want to wait
            for one in self._processes:
                _hang_up(one)  # all of them end meanwhile
            for one in self._processes:
                self._end(one, at_once=one.trial is not None)

    def _start(self) -> _Process:
        with open(self._assignment.log, "ab", opener=jobs.private) as output:
            process = subprocess.Popen(  # noqa: S603 - our own module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                cwd=self._directory,
                start_new_session=True,  # a terminal's ctrl-C is for us; we tell them
            )
        made = _Process(process)
        self._processes.append(made)
        self._selector.register(_output(made), selectors.EVENT_READ, made)
        return made

    def _heard(self, one: _Process) -> list[Event]:
        piece = os.read(_output(one), _PIECE)
        if not piece:
            return self._died(one)
        *lines, one.read = (one.read + piece).split(b"\n")
        return [event for line in lines for event in self._told(one, line)]

    def _told(self, one: _Process, line: bytes) -> list[Event]:
        """Return what a line says; one that is not the worker's own is for the log."""
        try:
            told = msgspec.json.decode(line, type=Told)
        except msgspec.DecodeError:
            with self._assignment.log.open("ab") as log:
                log.write(line + b"\n")
            return []
        return _events(one, told)

    def _died(self, one: _Process) -> list[Event]:
        self._processes.remove(one)
        self._end(one, at_once=True)
        self._assignment.store.drain()  # its run is KILLED
        if one.trial is None:
            return []
        why = f"its process died ({said(one.process.returncode)})"
        if one.run_id is None and (last := _last_line(self._assignment.log)):
            why = f"{why}: {last}"
        return [Event(one.trial, Told("failed", one.run_id, why), died=True)]

    def _end(self, one: _Process, at_once: bool) -> None:
        self._selector.unregister(_output(one))
        if at_once:
            kill_tree(one.process.pid)
        _hang_up(one)
        try:
            one.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            kill_tree(one.process.pid)
            one.process.wait()
        if one.process.stdout:
            one.process.stdout.close()


def _last_line(file: Path) -> str:
    with file.open("rb") as log:
        log.seek(max(log.seek(0, os.SEEK_END) - _TAIL, 0))
        lines = log.read().decode("utf-8", "replace").splitlines()
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def _events(one: _Process, told: Told) -> list[Event]:
    if one.trial is None:
        return []
    one.run_id, trial = told.run_id, one.trial
    if told.state == "running":
        return []
    one.trial = None
    return [Event(trial, told)]


def _hang_up(one: _Process) -> None:
    """Let a process know that no trial will come any more."""
    if one.process.stdin:
        one.process.stdin.close()


def _input(one: _Process) -> int:
    assert one.process.stdin
    return one.process.stdin.fileno()


def _output(one: _Process) -> int:
    assert one.process.stdout
    return one.process.stdout.fileno()
