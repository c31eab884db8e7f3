"""The files of a run in a terminal: which cells made them, and what is in one of them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nbtrail.trail.text import brief, columns, place_of, safe

if TYPE_CHECKING:
    from nbtrail.artifacts import ArtifactRepository
    from nbtrail.store import Store

ROWS = 20
LINES = 40
_WIDEST = 30  # characters of a table's cell
_PNG = b"\x89PNG\r\n\x1a\n"


def listing(store: Store, run_id: str, files: ArtifactRepository, folder: str) -> list[list[str]]:
    """Return a table of the files of a run, its headings first; only that if there are none.

    Those that were too large to be kept are listed, too.

    Args:
        store: where the run is.
        run_id: the run.
        files: its artifacts.
        folder: only what is in this one; "" for all.

    Raises:
        InvalidValue: `folder` leads out of the artifacts.
    """
    cells = {one.id: place_of(one) for one in store.trails.executions(run_id)}
    known = {one.path: one for one in store.files.of(run_id)}
    made = {path: cells.get(one.execution or 0, "") for path, one in known.items()}
    rows = [[one.path, str(one.file_size), made.get(one.path, "")] for one in files.walk(folder)]
    below = f"{folder.strip('/')}/".lstrip("/")
    rows += [
        [safe(path), str(one.size), f"{made[path]} (only listed)".strip()]
        for path, one in known.items()
        if not one.kept and path.startswith(below)
    ]
    has_cells = any(cell for *_, cell in rows)
    headings = ["FILE", "BYTES", "CELL"]
    return [row if has_cells else row[:2] for row in [headings, *sorted(rows)]]


def preview(path: str, data: bytes) -> str:
    """Return what can be shown of a file as text.

    Args:
        path: its name, whose ending says what it is.
        data: what is in it.
    """
    for show in (_table, _figure, _picture, _text):
        if (found := show(path, data)) is not None:
            return found
    return f"{len(data):,} bytes that are no text."


def _table(path: str, data: bytes) -> str | None:
    """Return the first rows of a table as `nbtrail.log_table` keeps it."""
    document = _json(path, data)
    if document is None or not {"columns", "data"} <= document.keys():
        return None
    rows, names = document["data"], document["columns"]
    shown = [[_cell(value) for value in row] for row in [names, *rows[:ROWS]]]
    return "\n".join([*columns(shown), *_more(len(rows) - ROWS, "row")])


def _figure(path: str, data: bytes) -> str | None:
    """Return what a plotly figure has."""
    document = _json(path, data) if path.endswith(".plotly.json") else None
    if document is None or not isinstance(document.get("data"), list):
        return None
    kinds = [safe(str(trace.get("type", "scatter"))) for trace in document["data"]]
    return f"A plotly figure ({len(kinds)}): {', '.join(kinds[:ROWS])}"


def _picture(_: str, data: bytes) -> str | None:
    if data[:8] != _PNG or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return f"A picture of {width} by {height} pixels (PNG, {len(data):,} bytes)."


def _text(_: str, data: bytes) -> str | None:
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError:
        return None
    return "\n".join([*map(safe, lines[:LINES]), *_more(len(lines) - LINES, "line")])


def _json(path: str, data: bytes) -> dict[str, Any] | None:
    if not path.endswith(".json"):
        return None
    try:
        document = json.loads(data)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f"… and {count:,} more {what}{'s' * (count != 1)}"


def _cell(value: object) -> str:
    text = brief(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
