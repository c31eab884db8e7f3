"""The executions of a pipeline's steps: what they are, how they stand, and how that is drawn."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from nbtrail.projects.pipelines.definition import Step
from nbtrail.projects.pipelines.planning import Pipeline, Stage
from nbtrail.projects.pipelines.references import as_text

PARENT = "mlflow.parentRunId"
PIPELINE = "nbtrail.pipeline"
"""The tag of a pipeline's run: the name of its entry point."""
STEP = "nbtrail.step"
"""The tag of a run that is a pipeline's step: the name of that."""
KEY = "nbtrail.step.key"
"""The tag of such a run with the digest of all that its results depend on."""
FILE = "pipeline.json"
"""The artifact of a pipeline's run with its steps and how they stand."""

State = Literal["running", "finished", "reused", "failed", "stopped"]
DONE = frozenset({"finished", "reused"})


@dataclass
class Part:
    """One execution of a step; `each` are the values that it has from the step's `for_each`."""

    step: str
    parameters: dict[str, object]
    each: dict[str, object] = field(default_factory=dict)
    state: State = "running"
    key: str | None = None
    run_id: str | None = None
    error: str | None = None
    started: float = 0.0
    ended: float | None = None

    @property
    def label(self) -> str:
        """Return a name that no other execution of the pipeline has."""
        return label(self.step, self.each)

    def end(self, state: State, run_id: str | None, error: str | None = None) -> None:
        """Note how it ended."""
        self.state, self.run_id, self.error = state, run_id, error
        self.ended = time.time()


def label(step: str, each: Mapping[str, object]) -> str:
    """Return the name of a step's execution."""
    values = ", ".join(f"{name}={as_text(value)}" for name, value in each.items())
    return f"{step} ({values})" if values else step


def as_json(pipeline: Pipeline, parts: Sequence[Part]) -> bytes:
    """Return a pipeline's steps with their executions, as the content of a file."""
    steps = [
        {
            "name": stage.step.name,
            "run": stage.point.name,
            "project": stage.source.uri,
            "needs": list(stage.step.needs),
            "executions": [
                {"label": one.label, **asdict(one)} for one in parts if one.step == stage.step.name
            ],
        }
        for stage in pipeline.stages
    ]
    told = {"name": pipeline.point.name, "parameters": dict(pipeline.values), "steps": steps}
    return (json.dumps(told, indent=1, default=str) + "\n").encode()


def drawn(pipeline: Pipeline, parts: Sequence[Part] | None = None) -> str:
    """Return a line for each step, in the order of execution: before it runs, or at its end."""
    rows: list[tuple[str, ...]]
    rows = [("STEP", "RUNS", "AFTER")] if parts is None else [("STEP", "RUNS", "AFTER", "STATE")]
    for stage in pipeline.stages:
        step = stage.step
        about = (step.name, _runs(stage, pipeline), ", ".join(step.needs) or "-")
        if parts is None:
            rows.append(about)
            continue
        own = [one for one in parts if one.step == step.name]
        rows.append((*about, _together(step, own)))
        if step.for_each:
            rows += [(f"  {one.label}", "", "", _state(one)) for one in own]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _runs(stage: Stage, pipeline: Pipeline) -> str:
    what = stage.point.name
    if stage.step.uses:
        at = f" at {stage.step.version}" if stage.step.version else ""
        what = f"{what} of {stage.step.uses}{at}"
    if stage.step.for_each:
        count = stage.times(pipeline.known)
        times = "as often as needed" if count is None else f"{count} times"
        what = f"{what}, {times}: for each {', '.join(stage.step.for_each)}"
    return what


def _together(step: Step, parts: Sequence[Part]) -> str:
    if not parts:
        return "not run"
    if not step.for_each:
        return _state(parts[0])
    states = [one.state for one in parts]
    counts: Iterable[Any] = dict.fromkeys(states)
    return ", ".join(f"{states.count(one)} {one}" for one in counts)


def _state(part: Part) -> str:
    if part.state == "reused":
        return f"reused: run {str(part.run_id)[:8]} has the same result"
    run = f" (run {part.run_id[:8]})" if part.run_id else ""
    return f"{part.state}{run}: {part.error}" if part.error else f"{part.state}{run}"
