"""A run that something is executed as: it is created, has system metrics, and ends in any case."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from nbtrail.entities import Run, RunInfo, Status
from nbtrail.store import Store
from nbtrail.tracking import ActiveRun, context, names, sampler, system_metrics

SPARE = 512 * 1024


def created(
    store: Store,
    experiment_id: str,
    name: str | None,
    tags: Mapping[str, str],
    notebook: str | None = None,
) -> Run:
    """Create a run with its context.

    Args:
        store: where.
        experiment_id: the experiment that has it.
        name: its name (default: one is made up).
        tags: what it has beside the tags that every run has.
        notebook: the path of the notebook that is executed.
    """
    name = name or names.run_name()
    tags = {**context.source_tags(name), **tags}
    with store.transaction():
        run = store.runs.create(experiment_id, name, "explicit", notebook, tags, context.user())
        context.record(store, run.info.run_id)
    return run


@contextmanager
def alive(store: Store, info: RunInfo) -> Iterator[None]:
    """Keep a run that was created RUNNING; an exception is how it ends, and goes on."""
    watched = ActiveRun(store, info)
    system_metrics.start(watched)
    try:
        with ended_by_exceptions(store, info.run_id), _space_kept(store.directory):
            yield
    finally:
        sampler.leave(watched)
        context.settle()


@contextmanager
def _space_kept(directory: Path) -> Iterator[None]:
    """Keep so much of a disk that afterwards, when it is full, the store can say how a run ended.

    The file has no name, and is gone with this process however that ends.
    """
    with ExitStack() as stack:
        with suppress(OSError):  # full already: the run says so by itself
            file = stack.enter_context(tempfile.TemporaryFile(dir=directory, buffering=0))
            file.write(os.urandom(SPARE))  # which no file system makes smaller
        yield


@contextmanager
def ended_by_exceptions(store: Store, run_id: str) -> Iterator[None]:
    """End a run with what is raised meanwhile, which goes on: it was created, and never ran."""
    try:
        yield
    except BaseException as error:
        store.runs.end(run_id, *_broken_off(error))
        raise


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM do what ctrl-C does: what is executed ends, and its run ends well.

    Raises:
        SystemExit: with status 143, as of a process that SIGTERM has ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = threading.Event()

    def pass_on(_signal: int, _frame: object) -> None:
        asked.set()
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        yield
    except KeyboardInterrupt:
        if asked.is_set():
            raise SystemExit(128 + signal.SIGTERM) from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def one_line(name: str, value: str) -> str:
    """Return an exception's name and the first line of what it says."""
    first = value.strip().partition("\n")[0]
    return f"{name}: {first}" if first else name


def _broken_off(error: BaseException) -> tuple[Status, str]:
    if isinstance(error, KeyboardInterrupt):
        return "KILLED", "Interrupted"
    return "FAILED", one_line(type(error).__name__, str(error))
