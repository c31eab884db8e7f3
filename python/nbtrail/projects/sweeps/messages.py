"""What a sweep and the processes that execute its trials tell each other."""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities import Record

State = Literal["running", "finished", "failed", "stopped"]


class Order(Record, frozen=True):
    """One trial for whoever executes it: what its run is called, and what it is given."""

    experiment: str
    name: str
    tags: dict[str, str]
    parameters: dict[str, Any]
    files: bool


class Told(Record, frozen=True):
    """What is told of the trial in execution: that there is its run, or how it has ended."""

    state: State
    run_id: str | None = None
    error: str | None = None
