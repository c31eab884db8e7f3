"""A run that was executed once more, and how what came of it compares with the original."""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities.base import Record

Outcome = Literal["identical", "within tolerance", "diverged", "could not run"]
DifferenceKind = Literal["data", "param", "metric", "output", "artifact"]


class Difference(Record, frozen=True):
    """One thing that came out otherwise; None stands for what one of the two has not.

    `within`: by no more than the tolerance. `cell` counts the code cells of the notebook from 1
    and is None where no cell is known; `cell_id` is its id. `step` is where a metric's curve
    differs first. `cause` is where the values on the way to a metric part: a cell and the first
    name in it that stands for something else.
    """

    kind: DifferenceKind
    key: str
    original: Any
    reproduced: Any
    within: bool = False
    cell: int | None = None
    cell_id: str | None = None
    step: int | None = None
    cause: str | None = None


class Attempt(Record, frozen=True):
    """One execution of a reproduction; `run_id` is the run that recorded it.

    `differences` are in the order of the notebook. `reason` says why it could not run. Of a
    pipeline, `steps` are those of its steps in their order, each with its name in `step`.
    """

    run_id: str
    outcome: Outcome
    differences: list[Difference] = []
    reason: str | None = None
    step: str | None = None
    steps: list[Attempt] = []


class Reproduction(Record, frozen=True):
    """The re-execution of a run, once or several times; `outcome` is the worst of all.

    `notes` are worth knowing where results differ: data, packages and commits that are not what
    they were.
    """

    run_id: str
    outcome: Outcome
    attempts: list[Attempt]
    notes: list[str] = []
