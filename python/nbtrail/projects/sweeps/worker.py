"""A process that executes trials: ``python -m nbtrail.projects.sweeps.worker --store … …``.

It reads orders from standard input, and tells on standard output of the run that each becomes, and
how that has ended (messages.py). It lives for many trials, since to start costs as much as a small
one. Standard error is the sweep's log.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import signal
import traceback
from functools import cached_property

import msgspec

from nbtrail.errors import ExecutionFailed, NbtrailError
from nbtrail.projects.backends.messages import STOP, Order, Told
from nbtrail.projects.background.lifeline import Lifeline
from nbtrail.projects.sweeps.opening import at_place
from nbtrail.projects.sweeps.target import Target
from nbtrail.startup import skip_iri_grammar
from nbtrail.store import Store, open_store


class _Orders:
    """The orders as they come in; None is the last one."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._rest = b""

    def heard(self, piece: bytes) -> None:
        """Take what was read from standard input."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if line == STOP:
                os.kill(os.getpid(), signal.SIGINT)  # the main thread executes
            else:
                self._lines.put(line)
        if not piece:
            self._lines.put(None)

    def next(self) -> Order | None:
        """Wait for an order."""
        line = self._lines.get()
        return None if line is None else msgspec.json.decode(line, type=Order)


class _Worker:
    """Executes orders. It is its own `Watch`."""

    def __init__(self, options: argparse.Namespace, output: int) -> None:
        self._options, self._output = options, output
        self._run_id: str | None = None

    def execute(self, order: Order) -> None:
        """Execute a trial, and tell of it."""
        self._run_id = None
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            told = self._executed(order)
        except KeyboardInterrupt:
            told = Told("stopped", self._run_id)
        finally:  # one that comes too late is nothing to the next trial, or to our end
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._tell(told)

    def run_begun(self, run_id: str) -> None:
        """Tell which run it is."""
        self._run_id = run_id
        self._tell(Told("running", run_id))

    def cell_begun(self, number: int, total: int, source: str) -> None:
        """Tell nothing: trials are counted, not their cells."""

    @cached_property
    def _store(self) -> Store:
        return open_store(self._options.store, create=False)

    @cached_property
    def _target(self) -> Target:
        return at_place(self._options.target, self._options.entry_point, self._store)

    def _executed(self, order: Order) -> Told:
        try:
            self._target.execute(order, self._store, self)
        except ExecutionFailed as failure:
            return Told("failed", failure.run_id, self._store.runs.info(failure.run_id).error)
        except NbtrailError as mistake:
            return Told("failed", self._run_id, str(mistake))
        except Exception as mistake:
            traceback.print_exc()
            return Told("failed", self._run_id, f"{type(mistake).__name__}: {mistake}")
        return Told("finished", self._run_id)

    def _tell(self, told: Told) -> None:
        os.write(self._output, msgspec.json.encode(told) + b"\n")


def main(arguments: list[str] | None = None) -> None:
    """Execute trials until standard input ends."""
    parser = argparse.ArgumentParser(prog="nbtrail.projects.sweeps.worker")
    parser.add_argument("--store", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--entry-point")
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # Ray's processes block it
    skip_iri_grammar()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = os.dup(1)
    os.dup2(2, 1)  # what a command prints is for the log
    logging.getLogger("nbtrail").addHandler(logging.StreamHandler())
    orders = _Orders()
    Lifeline(orders.heard).start()
    worker = _Worker(options, output)
    while order := orders.next():
        worker.execute(order)


if __name__ == "__main__":
    main()
