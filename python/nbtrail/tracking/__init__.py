"""Tracking: the current run and the fluent API."""

import atexit
import sys
from typing import Any

from nbtrail.store import Store
from nbtrail.tracking.active import (
    adopt_run,
    close_at_exit,
    create_run,
    last_active_run,
    require_run,
    start_run,
)
from nbtrail.tracking.context import notebook_name, notebook_path
from nbtrail.tracking.current import Observer, active_run, process
from nbtrail.tracking.failures import never_raises
from nbtrail.tracking.run import ActiveRun, outcome
from nbtrail.tracking.where import get_tracking_uri, is_tracking_uri_set, place, set_tracking_uri

__all__ = [
    "ActiveRun",
    "Observer",
    "active_run",
    "adopt_run",
    "create_run",
    "current_execution",
    "current_store",
    "get_tracking_uri",
    "is_tracking_uri_set",
    "last_active_run",
    "notebook_name",
    "notebook_path",
    "outcome",
    "place",
    "process",
    "require_run",
    "set_tracking_uri",
    "start_run",
]


def __getattr__(name: str) -> Any:
    if name not in {"Client", "MlflowClient"}:  # who logs to the current run needs none
        raise AttributeError(f"module 'nbtrail.tracking' has no attribute '{name}'")
    from nbtrail.tracking.client import Client

    return Client


def current_store() -> Store:
    """Return the store that this process records in, made now if need be."""
    return place.store()


def current_execution() -> int | None:
    """Return the id of the cell execution that is running, if the recorder is on."""
    return process.execution


@never_raises("the end of the run")
def _at_exit() -> None:
    # In a kernel a cell's error says nothing about how the process ends.
    in_script = process.observer is None
    close_at_exit(getattr(sys, "last_value", None) if in_script else None)


# Registered after the store's own handler, and so run before it.
atexit.register(_at_exit)
