"""Keeping the context of runs: what is known already at once, the rest from a background thread.

What providers say is cached for as long as they say that it holds: while all is fresh, a run
costs a few rows. Else a thread asks those whose answers are too old, and serves every run that
has started in the meantime; a run that ends waits for it.
"""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import sys
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.tracking.failures import never_raises, report, tell_once

if TYPE_CHECKING:
    from nbtrail.tracking.context.provider import RunContextProvider

PATIENCE_S = 5.0  # of a run's end, with providers that take long
PLUGIN_PATIENCE_S = 3.0  # with each plugin, which may hang


class _Answer(msgspec.Struct, frozen=True):
    """What a provider has said, and until when that holds on the monotonic clock."""

    document: Document | None
    tags: dict[str, str]
    until: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() < self.until


class _Recording:
    """The answers of this process, and the runs that wait for better ones."""

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}
        self._known = Context.of({})
        self.forget_parent()

    def forget_parent(self) -> None:
        """Go on in a child after a fork: the thread is not there, its runs are not ours."""
        self._lock = threading.Lock()
        self._waiting: list[tuple[Store, str]] = []
        self._thread: threading.Thread | None = None
        self._patience = PATIENCE_S

    def record(self, store: Store, run_id: str) -> None:
        """Keep the context of a run that starts."""
        with self._lock:
            known = self._thread is None and self._has_fresh_answers()
            if not known:
                self._waiting.append((store, run_id))
                if self._thread is None or not self._thread.is_alive():
                    self._start()
        if known:
            self._write([(store, run_id)])

    def _has_fresh_answers(self) -> bool:
        return bool(self._answers) and all(a.is_fresh for a in self._answers.values())

    def settle(self) -> None:
        """Wait until what runs wait for is kept; only once for what hangs."""
        thread = self._thread
        if thread is not None and self._patience:
            thread.join(self._patience)
            if thread.is_alive():
                self._patience = 0.0

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="nbtrail-context", daemon=True)
        thread.start()
        self._thread = thread

    @never_raises("the context of a run")
    def _work(self) -> None:
        # Imported here: no run has to wait for what the providers need.
        from nbtrail.tracking.context import provider

        while waiting := self._take():
            self._ask(provider.built_in())
            self._write(waiting)
            if self._ask_plugins(provider.plugins()):
                self._write(waiting)

    def _take(self) -> list[tuple[Store, str]]:
        """Return the runs that wait; with none, the thread's work is done."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            if not waiting:
                self._thread = None
            return waiting

    def _ask(self, providers: Iterable[RunContextProvider]) -> bool:
        """Ask those whose answers are too old; say whether there were any."""
        stale = [one for one in providers if not self._is_fresh(one.name)]
        for one in stale:
            self._answers[one.name] = _answer(one)
        answers = self._answers.copy()  # a plugin that took too long may answer just now
        documents = {kind: a.document for kind, a in answers.items() if a.document}
        tags = {key: value for a in answers.values() for key, value in a.tags.items()}
        self._known = Context.of(documents, tags)
        return bool(stale)

    def _ask_plugins(self, plugins: Iterable[RunContextProvider]) -> bool:
        """Ask each in a thread of its own: those that hang cost no run the context of others."""
        stale = [one for one in plugins if not self._is_fresh(one.name)]
        for one in stale:
            thread = threading.Thread(target=self._ask, args=([one],), daemon=True)
            thread.start()
            thread.join(PLUGIN_PATIENCE_S)
            if thread.is_alive():
                self._leave_out(one.name)
        return bool(stale)

    def _leave_out(self, name: str) -> None:
        tell_once(
            f"nbtrail has no answer from the run context '{name}', a plugin, after "
            f"{PLUGIN_PATIENCE_S:.0f} s: the runs of this process go without it."
        )
        self._answers[name] = _Answer(None, {}, math.inf)

    def _is_fresh(self, name: str) -> bool:
        return name in self._answers and self._answers[name].is_fresh

    def _write(self, runs: Iterable[tuple[Store, str]]) -> None:
        for store, run_id in runs:
            try:
                store.contexts.put(run_id, self._known)
            except Exception:
                report("the context of a run")


def _answer(one: RunContextProvider) -> _Answer:
    """Ask a provider; one that fails is left alone for a while."""
    try:
        said = one.document()
        document = None if said is None else Document.of(said)
        tags = {str(key): str(value) for key, value in one.tags().items()}
        Context.of({} if document is None else {one.name: document}, tags)  # or it is not allowed
        return _Answer(document, tags, time.monotonic() + one.lifetime)
    except Exception:
        report(f"the run context '{one.name}'")
        return _Answer(None, {}, time.monotonic() + 60.0)


_recording = _Recording()


def _after_fork() -> None:
    _recording.forget_parent()


os.register_at_fork(after_in_child=_after_fork)


@never_raises("the context of a run")
def record(store: Store, run_id: str) -> None:
    """Keep the context of a run that starts; cheap inside the transaction that creates it."""
    _recording.record(store, run_id)


@never_raises("the context of a run")
def settle() -> None:
    """Wait, at the end of a run, until the contexts of this process's runs are kept.

    Not to be called inside a transaction: what is waited for writes to the store.
    """
    _recording.settle()


def _at_exit() -> None:
    settle()
    interrupted = isinstance(getattr(sys, "last_value", None), KeyboardInterrupt)
    if interrupted and not hasattr(sys, "ps1"):
        # A script that ctrl-C ended tells its parent so, by its exit status. But Python forgets
        # that when any thread evaluates a string, as many modules do when they are imported; and
        # takes note again when an interrupt leaves an `exec`.
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102


# Registered after the store's own handler, and so run before it.
atexit.register(_at_exit)
