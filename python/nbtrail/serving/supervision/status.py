"""What a supervisor tells of its workers, in a file that any process of the user reads."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.serving.supervision import liveness
from nbtrail.serving.supervision.figures import History
from nbtrail.store import Store

_TOTALS = ("requests", "errors", "refused")


def write(store: Store, name: str, workers: list[dict[str, Any]], history: History) -> None:
    """Tell how the workers of an endpoint are, and what they answered."""
    told = {
        "workers": workers,
        "updated": int(time.time() * 1000),
        "totals": {field: getattr(history.total, field) for field in _TOTALS},
        "classes": {str(number): many for number, many in history.total.classes.items()},
        "total_ms": history.total.total_ms,
        "points": history.points(),
    }
    path = _path(store, name)
    new = path.with_suffix(f".{os.getpid()}.new")
    new.touch(mode=0o600)
    new.write_bytes(msgspec.json.encode(told))
    new.replace(path)


def read(store: Store, name: str) -> dict[str, Any]:
    """Return what was told last; nothing of an endpoint that does not run."""
    try:
        told: dict[str, Any] = msgspec.json.decode(_path(store, name).read_bytes())
    except FileNotFoundError:
        return nothing()
    return told


def nothing() -> dict[str, Any]:
    """Return what is told of an endpoint that does not run."""
    return {"workers": [], "updated": 0, "totals": dict.fromkeys(_TOTALS, 0), "points": []}


def remove(store: Store, name: str) -> None:
    """Tell nothing any more."""
    _path(store, name).unlink(missing_ok=True)


def _path(store: Store, name: str) -> Path:
    return liveness.log_path(store, name).with_suffix(".status")
