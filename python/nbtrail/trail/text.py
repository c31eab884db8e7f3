"""The analyses of this room as plain text, safe for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from nbtrail.entities import CellExecution, RunInfo
from nbtrail.trail.cells import CellChange, title_of
from nbtrail.trail.diff import Change, TrailDiff
from nbtrail.trail.recorded import Why

Paint = Callable[[str, str], str]
"""Gives a text its colour by what it is: title, added, removed, changed or place."""

WIDEST = 60  # characters of a cell of a table
_LOOKS = {"+": "added", "-": "removed", "@": "place"}
_MARKS = {"added": "+", "removed": "-", "edited": "~", "same": " "}


def plain(_kind: str, text: str) -> str:
    """Leave a text as it is."""
    return text


def diff_text(diff: TrailDiff, paint: Paint = plain) -> str:
    """Return what differs between two runs, a section for each kind of thing."""
    return "\n\n".join("\n".join(section) for section in _sections(diff, paint))


def why_text(why: Why) -> str:
    """Return the chain of cells that led to a metric, the metric last."""
    rows = [
        (place_of(link.execution), first_line(link.execution.source), " ".join(link.provides))
        for link in why.links
    ]
    lines = columns([("CELL", "SOURCE", "GIVES"), *rows])
    return "\n".join([*lines, f"{why.metric} = {brief(why.value)}  (run {why.run_id[:8]})"])


def place_of(execution: CellExecution) -> str:
    """Return how a person knows an execution: its count, and its cell's id if that is a name."""
    count = f"[{execution.execution_count or ' '}]"
    cell = execution.cell_id or ""
    return f"{count} {safe(cell if len(cell) < 30 else cell[:8])}"


def first_line(source: str) -> str:
    """Return the first line of a cell that says something, and whether there are more."""
    return brief(title_of(source)) + (" …" if "\n" in source.strip() else "")


def brief(value: Any) -> str:
    """Return a value on one line, not too wide."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = safe("" if value is None else value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def safe(value: Any) -> str:
    """Return a value on one line, without what could steer a terminal."""
    return " ".join(_printable(word) for word in str(value).split())


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns stand under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _sections(diff: TrailDiff, paint: Paint) -> Iterator[list[str]]:
    names = [f"{mark}  {_run(info)}" for mark, info in (("a", diff.run_a), ("b", diff.run_b))]
    yield names
    values: list[tuple[str, list[Change]]] = [("PARAM", diff.params), ("METRIC", diff.metrics)]
    settings = [("PACKAGE", diff.packages), ("DATA", diff.data), ("GIT", diff.git)]
    different = any(
        change.kind != "same" or change.moved or change.outputs for change in diff.cells
    )
    for title, changes in values:
        if changes:
            yield _table(title, changes, paint)
    if diff.cells:
        yield _cells(diff.cells, paint)
    for title, changes in settings:
        if changes:
            yield _table(title, changes, paint)
    if not (different or any(changes for _, changes in values + settings)):
        yield ["Nothing is different."]


def _run(info: RunInfo) -> str:
    return f"{info.run_id[:8]}  {brief(info.run_name)}  {info.status}"


def _table(title: str, changes: Sequence[Change], paint: Paint) -> list[str]:
    rows = [(brief(change.key), _value(change.a), _value(change.b)) for change in changes]
    head, *lines = columns([(title, "a", "b"), *rows])
    return [paint("title", head), *lines]


def _value(value: Any) -> str:
    """Return a value; of several files the first ones, and "-" for what is not there."""
    if isinstance(value, list):
        return brief(", ".join(map(str, value)) or "none")
    return "-" if value is None else brief(value)


def _cells(cells: Sequence[CellChange], paint: Paint) -> list[str]:
    kinds = [change.summary for change in cells]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    lines = [paint("title", f"CELLS  {counted}")]
    for change in cells:
        if change.differs:
            lines += _cell(change, paint)
    return lines


def _cell(change: CellChange, paint: Paint) -> Iterator[str]:
    """Yield a cell's line, and under it what differs in its source and its outputs."""
    moved = f", place {change.place_a} -> {change.place_b}" if change.moved else ""
    look = change.kind if change.kind in {"added", "removed"} else "changed"
    name = change.cell_b or change.cell_a or ""
    head = (
        f"{_MARKS[change.kind]} {safe(name if len(name) < 30 else name[:8])}  {brief(change.title)}"
    )
    yield paint(look, f"{head}  ({change.summary}{moved})")
    if change.kind == "edited":
        yield from _diff_lines(change.source, paint)
    for output in change.outputs:
        yield f"    {output.what}{'' if output.diff else ' differs'}"
        yield from _diff_lines(output.diff, paint)


def _diff_lines(lines: Iterable[str], paint: Paint) -> Iterator[str]:
    for line in lines:
        yield "    " + paint(_LOOKS.get(line[:1], ""), _printable(line.replace("\t", "    ")))
