"""The figures of a run's own cells, as files beside its other artifacts."""

from __future__ import annotations

import base64
import json
from typing import Any

from nbtrail.recorder.session import Execution
from nbtrail.tracking import ActiveRun

FORMATS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "application/vnd.plotly.v1+json": ".plotly.json",
}


def save(run: ActiveRun, execution: Execution) -> None:
    """Write every figure that an execution displayed to ``figures/cell-<count>-<n>.<format>``."""
    number = 0
    for data in (output.get("data", {}) for output in execution.outputs):
        kind = next((kind for kind in FORMATS if kind in data), None)
        if kind is not None:
            number += 1
            cell = execution.execution_count or execution.ordinal + 1
            path = f"figures/cell-{cell}-{number}{FORMATS[kind]}"
            run.artifacts.write(path, _bytes(kind, data[kind]))


def count(execution: Execution) -> int:
    """Return how many figures an execution displayed."""
    return sum(
        any(kind in output.get("data", {}) for kind in FORMATS) for output in execution.outputs
    )


def _bytes(kind: str, content: Any) -> bytes:
    if kind == "image/svg+xml":
        return "".join(content).encode()
    if isinstance(content, str):
        return base64.b64decode(content)
    return json.dumps(content).encode()
