"""What the process that asks for trials and those that execute them tell each other.

Each message is a line: an `Order` as JSON, or `STOP`; what is told is a `Told` as JSON.
"""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities import Record
from nbtrail.projects.asked import Environment

State = Literal["running", "finished", "failed", "stopped"]

STOP = b"stop"
"""Interrupt the trial in execution. A signal would reach no other machine."""


class Order(Record, frozen=True):
    """One trial for whoever executes it: what its run is called, and what it is given.

    `env`, `output`, `report` and `timeout` are as of `run`; paths are those of the machine there.
    """

    experiment: str
    name: str
    tags: dict[str, str]
    parameters: dict[str, Any]
    files: bool
    env: Environment = "local"
    output: str | None = None
    report: bool = False
    timeout: int | None = None


class Told(Record, frozen=True):
    """What is told of the trial in execution: that there is its run, or how it has ended."""

    state: State
    run_id: str | None = None
    error: str | None = None
