"""Who is told how far an execution has come."""

from __future__ import annotations

from typing import Protocol


class Watch(Protocol):
    """Is told of an execution while it goes on, in the thread that executes."""

    def run_begun(self, run_id: str) -> None:
        """Take note that there is the run."""

    def cell_begun(self, number: int, total: int, source: str) -> None:
        """Take note that a cell starts: which of how many, as JupyterLab counts them."""
