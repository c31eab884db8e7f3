"""What MLflow's asynchronous calls return; here all is kept before they do."""

from __future__ import annotations


class RunOperations:
    """Operations that are done."""

    def wait(self) -> None:
        """Return at once: what was logged is kept."""


def done(synchronous: bool | None) -> RunOperations | None:
    """Return what MLflow returns for `synchronous`."""
    return RunOperations() if synchronous is False else None
