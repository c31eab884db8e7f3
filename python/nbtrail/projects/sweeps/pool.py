"""The processes that execute the trials of a sweep, each one trial after the other."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from nbtrail.projects import jobs
from nbtrail.projects.supervisor import GRACE, Worker, kill_tree, said
from nbtrail.projects.sweeps.messages import Order, Told
from nbtrail.store import Store

_PIECE = 65536


@dataclass
class _Process:
    """A process and the trial that it executes: its number, its run."""

    worker: Worker
    trial: int | None = None
    run_id: str | None = None
    read: bytes = b""


@dataclass(frozen=True)
class Event:
    """What became of a trial. `died`: with its process, which says nothing about the trial."""

    trial: int
    told: Told
    died: bool = False


@dataclass
class Pool:
    """As many processes as trials may go on at once. They start when they are needed.

    `arguments` are those of worker.py.
    """

    store: Store
    size: int
    arguments: list[str]
    log: Path
    _processes: list[_Process] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    @property
    def running(self) -> dict[int, str | None]:
        """The trials that go on, with their runs as soon as there are such."""
        return {one.trial: one.run_id for one in self._processes if one.trial is not None}

    def is_full(self) -> bool:
        """Tell whether no other trial may begin now."""
        return len(self.running) >= self.size

    def begin(self, trial: int, order: Order) -> None:
        """Have a trial executed by a process that has nothing to do."""
        free = next((one for one in self._processes if one.trial is None), None) or self._start()
        free.trial, free.run_id = trial, None
        free.worker.asked = 0
        with suppress(BrokenPipeError):  # when it has died, `events` finds that
            os.write(_input(free), msgspec.json.encode(order) + b"\n")

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most."""
        found: list[Event] = []
        for key, _ in self._selector.select(patience):
            found += self._heard(key.data)
        return found

    def stop(self, trial: int) -> None:
        """Have a trial end; to be called until it has."""
        for one in self._processes:
            if one.trial == trial:
                one.worker.stop(GRACE)

    def close(self) -> None:
        """End all processes: those that execute something are interrupted, then killed."""
        try:
            while self.running:
                for one in self._processes:
                    if one.trial is not None:
                        one.worker.stop(GRACE)
                self.events(0.1)
        finally:  # whoever presses ctrl-C again does not want to wait
            for one in self._processes:
                _hang_up(one)  # all of them end meanwhile
            for one in self._processes:
                self._end(one, at_once=one.trial is not None)

    def _start(self) -> _Process:
        with open(self.log, "ab", opener=jobs.private) as output:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "nbtrail.projects.sweeps.worker", *self.arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # a terminal's ctrl-C is for us; we tell them
            )
        made = _Process(Worker(process))
        self._processes.append(made)
        self._selector.register(_output(made), selectors.EVENT_READ, made)
        return made

    def _heard(self, one: _Process) -> list[Event]:
        piece = os.read(_output(one), _PIECE)
        if not piece:
            return self._died(one)
        *lines, one.read = (one.read + piece).split(b"\n")
        return [event for line in lines for event in _events(one, line)]

    def _died(self, one: _Process) -> list[Event]:
        self._processes.remove(one)
        self._end(one, at_once=True)
        self.store.drain()  # its run is KILLED
        if one.trial is None:
            return []
        why = f"its process died ({said(one.worker.process.returncode)})"
        return [Event(one.trial, Told("failed", one.run_id, why), died=True)]

    def _end(self, one: _Process, at_once: bool) -> None:
        process = one.worker.process
        self._selector.unregister(_output(one))
        if at_once:
            kill_tree(process.pid)
        _hang_up(one)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            kill_tree(process.pid)
            process.wait()
        if process.stdout:
            process.stdout.close()


def _events(one: _Process, line: bytes) -> list[Event]:
    told = msgspec.json.decode(line, type=Told)
    if one.trial is None:
        return []
    one.run_id, trial = told.run_id, one.trial
    if told.state == "running":
        return []
    one.trial = None
    return [Event(trial, told)]


def _hang_up(one: _Process) -> None:
    """Let a process know that no trial will come any more."""
    if one.worker.process.stdin:
        one.worker.process.stdin.close()


def _input(one: _Process) -> int:
    assert one.worker.process.stdin
    return one.worker.process.stdin.fileno()


def _output(one: _Process) -> int:
    assert one.worker.process.stdout
    return one.worker.process.stdout.fileno()
