"""A run that is being recorded by this process: made current, and ended."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from nbtrail.entities import Run, RunData, RunInfo, RunInputs, RunKind, RunOutputs, Status
from nbtrail.errors import InvalidState
from nbtrail.store import Store, open_store
from nbtrail.tracking.current import override, process
from nbtrail.tracking.failures import in_one_line, recording
from nbtrail.tracking.log import RunLog


class ActiveRun(RunLog):
    """A run that is being recorded; leaving its ``with`` block ends it.

    Args:
        store: where it is recorded.
        info: as the store gave it.
        borrowed: another process owns it and will end it.
        handed_down: that is the parent process, which did not say that this one shall go on in it.

    Attributes:
        outcome: how the run's last cell ended; what an open run ends as with the process.
        entered: it is a ``with`` block's, and other tasks may have theirs beside it.
        ended: it is current nowhere any more.
        below: what was current, in the thread or task that this run was made current for.
        at_end: called once, just before the run gets its final status.
    """

    def __init__(
        self, store: Store, info: RunInfo, borrowed: bool = False, handed_down: bool = False
    ) -> None:
        super().__init__(store, info)
        self.kind: RunKind = info.kind
        self.borrowed = borrowed
        self._handed_down = handed_down
        self.outcome: tuple[Status, str | None] = ("FINISHED", None)
        self.entered = False
        self.ended = False
        self.below: ActiveRun | None = None
        self.at_end: list[Callable[[], None]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        """Be the same run where it is unpickled, for one who does not own it."""
        return _of_another, (self.store.uri, self.run_id)

    def __repr__(self) -> str:
        return f"<ActiveRun {self._info.run_name} ({self.run_id})>"

    @property
    def inherited(self) -> bool:
        """Whether it is the run of the parent process, beside which this one may have its own."""
        return self._handed_down or self._pid != os.getpid()

    @property
    def foreign(self) -> bool:
        """Whether another process owns the run, and will end it."""
        return self.borrowed or self.inherited

    @property
    def info(self) -> RunInfo:
        """What is stored of this run now."""
        return self.store.runs.info(self.run_id)

    @property
    def data(self) -> RunData:
        """Metrics, params and tags that are stored of this run now."""
        return self._stored().data

    @property
    def inputs(self) -> RunInputs:
        """The datasets that this run has used so far."""
        return self._stored().inputs

    @property
    def outputs(self) -> RunOutputs:
        """The models that this run has logged so far."""
        return self._stored().outputs

    def to_dictionary(self) -> dict[str, Any]:
        """Return what is stored of this run now, as MLflow writes it."""
        return self._stored().to_dictionary()

    def _stored(self) -> Run:
        self.store.drain()
        return self.store.runs.get(self.run_id)

    def end(self, status: Status = "FINISHED", error: str | None = None) -> None:
        """Give the run its final status, unless another process owns it.

        What was current before it is current again.
        """
        self._stop_companions()
        self.finish()
        if not self.foreign:
            self._store_end(status, error)
        self.ended = True
        process.forget(self)
        if override.get() is self:
            override.set(self.below)

    def _stop_companions(self) -> None:
        at_end, self.at_end = self.at_end, []
        for stop in at_end:
            with recording("all of a run's surroundings"):
                stop()

    def _store_end(self, status: Status, error: str | None) -> None:
        if process.observer is not None:
            process.observer.ended(self)
        with recording("the end of a run"), self.store.transaction():
            self.store.settle()
            self.store.runs.end(self.run_id, status, error)

    def make_current(self, everywhere: bool = False) -> None:
        """Be the process's run; in a thread other than the main one, only that one's."""
        main = everywhere or threading.current_thread() is threading.main_thread()
        if main:
            process.add(self)
        if not main or override.get() is not None:
            self._override_current()

    def _override_current(self) -> None:
        self.below = override.get()
        override.set(self)

    def __enter__(self) -> ActiveRun:
        if self.ended:
            raise InvalidState(
                f"The run '{self.name}' has ended. Go on with it by "
                f"'with nbtrail.start_run(run_id=\"{self.run_id}\"):'."
            )
        self.entered = True
        if override.get() is not self:
            self._override_current()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for run in self._opened_within():
            run.end(*outcome(error))

    def _opened_within(self) -> list[ActiveRun]:
        """Return the open runs of this ``with`` block, innermost first; none if it has ended."""
        found: list[ActiveRun] = []
        run = override.get()
        while run is not None:
            found.append(run)
            if run is self:
                return found
            run = run.below
        return []


def _of_another(uri: str, run_id: str) -> ActiveRun:
    store = open_store(uri, create=False)
    return ActiveRun(store, store.runs.info(run_id), borrowed=True)


def outcome(error: BaseException | None) -> tuple[Status, str | None]:
    """Return the status and the one-line reason that an exception (or none) gives a run."""
    # A generator that nobody asks for more is closed: no mistake, either.
    ended = isinstance(error, GeneratorExit) or (isinstance(error, SystemExit) and not error.code)
    if error is None or ended:
        return "FINISHED", None
    status: Status = "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"
    return status, in_one_line(error)
