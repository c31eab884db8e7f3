"""A run while something is executed as it: it has system metrics, and ends whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nbtrail.entities import RunInfo, Status
from nbtrail.store import Store
from nbtrail.tracking import ActiveRun, context, sampler, system_metrics


@contextmanager
def alive(store: Store, info: RunInfo) -> Iterator[None]:
    """Keep a run that was created RUNNING; an exception is how it ends, and goes on."""
    watched = ActiveRun(store, info)
    system_metrics.start(watched)
    try:
        yield
    except BaseException as error:
        store.runs.end(info.run_id, *_broken_off(error))
        raise
    finally:
        sampler.leave(watched)
        context.settle()


def one_line(name: str, value: str) -> str:
    """Return an exception's name and the first line of what it says."""
    first = value.strip().partition("\n")[0]
    return f"{name}: {first}" if first else name


def _broken_off(error: BaseException) -> tuple[Status, str]:
    if isinstance(error, KeyboardInterrupt):
        return "KILLED", "Interrupted"
    return "FAILED", one_line(type(error).__name__, str(error))
