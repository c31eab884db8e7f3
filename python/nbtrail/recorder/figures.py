"""The figures that cells display, as files beside a run's other artifacts."""

from __future__ import annotations

import base64
import json
from typing import Any

from nbtrail.recorder.session import Execution

FORMATS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "application/vnd.plotly.v1+json": ".plotly.json",
}


def files(execution: Execution) -> dict[str, bytes]:
    """Return every figure that an execution displayed: ``figures/cell-<count>-<n>.<format>``."""
    found: dict[str, bytes] = {}
    for data in (output.get("data", {}) for output in execution.outputs):
        kind = next((kind for kind in FORMATS if kind in data), None)
        if kind is not None:
            path = f"figures/{cell_name(execution)}-{len(found) + 1}{FORMATS[kind]}"
            found[path] = _bytes(kind, data[kind])
    return found


def cell_name(execution: Execution) -> str:
    """Return what files of an execution begin with."""
    return f"cell-{execution.execution_count or execution.ordinal + 1}"


def _bytes(kind: str, content: Any) -> bytes:
    if kind == "image/svg+xml":
        return "".join(content).encode()
    if isinstance(content, str):
        return base64.b64decode(content)
    return json.dumps(content).encode()
