"""Reading the context of a run."""

from __future__ import annotations

from typing import Any

from nbtrail.errors import InvalidState
from nbtrail.tracking.context.recording import settle
from nbtrail.tracking.current import active_run
from nbtrail.tracking.where import place


def get_run_context(run_id: str | None = None) -> dict[str, dict[str, Any]]:
    """Return where and how a run ran.

    Args:
        run_id: the run; None for the current one.

    Returns:
        documents by kind: ``program`` (notebook, kernel, script, directory), ``system`` (user,
        host, operating system, Python), ``packages``, ``hardware``, ``git`` where the code is in
        a repository, and what plugins add.

    Raises:
        NotFound: there is no such run.
        InvalidState: no run is given, and none is current.
    """
    current = active_run()
    if run_id is None and current is None:
        raise InvalidState("No run is active: give the id of one, as get_run_context(run_id).")
    settle()
    if current is not None and run_id in {None, current.run_id}:
        return current.store.contexts.get(current.run_id)
    return place.store().contexts.get(str(run_id))
