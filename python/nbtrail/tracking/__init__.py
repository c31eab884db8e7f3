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
    return sys.modules[__name__.partition(".")[0]].Client  # that of the room of the registry


def current_store() -> Store:
    """Return the store that this process records in, made now if need be."""
    return place.store()


def current_execution() -> int | None:
    """Return the id of the cell execution that is running, if the recorder is on."""
    return process.execution


@never_raises("the end of the run")
def _at_exit() -> None:
    close_at_exit(_what_ended_the_process())


def _what_ended_the_process() -> BaseException | None:
    """Return the error that a script died of.

    Whoever sits at a prompt has gone on after an error, and with a new run perhaps: only IPython
    says whether what was executed last failed. With the recorder on, the run itself knows.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    gone_on = hasattr(sys, "ps1") if shell is None else shell.last_execution_succeeded
    return None if process.observer or gone_on else getattr(sys, "last_value", None)


# Registered after the store's own handler, and so run before it.
atexit.register(_at_exit)
