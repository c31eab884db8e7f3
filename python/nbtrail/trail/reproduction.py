"""What came of a reproduction as plain text, safe for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nbtrail.entities import Attempt, Difference, Reproduction
from nbtrail.trail.text import brief, columns, safe

MOST = 20  # differences that are shown


def reproduction_text(found: Reproduction, paint: Callable[[str], str] = str) -> str:
    """Return the outcome, where the results part first, and all that differs.

    Args:
        found: what came of it.
        paint: gives an outcome its colour.
    """
    return "\n".join(_lines(found, paint))


def first_difference(attempt: Attempt) -> str:
    """Say in a sentence where an attempt diverged first; empty if it did not."""
    diverged = next((one for one in attempt.steps if one.outcome == "diverged"), None)
    if diverged is not None:
        where = f"First in the step {safe(diverged.step)}"
        return first_difference(diverged).replace("First", where, 1)
    found = next((one for one in attempt.differences if not one.within), None)
    if found is None:
        return ""
    where = f" in cell {_place(found)}" if found.cell else ""
    cause = f"`{found.cause}` stands for something else; " if found.cause else ""
    step = "" if found.step is None else f" at step {found.step}"
    key = f"the {found.kind} {found.key}" if found.kind != "metric" else found.key
    was, now = _value(found.original), _value(found.reproduced)
    return f"First{where}: {cause}{safe(key)}{step} was {was} and is {now}."


def _lines(found: Reproduction, paint: Callable[[str], str]) -> Iterator[str]:
    several = len(found.attempts) > 1
    if several:
        yield f"{paint(found.outcome)}, the worst of {len(found.attempts)} times"
    for attempt in found.attempts:
        yield from _attempt(attempt, paint)
    yield from (f"Note: {safe(note)}" for note in found.notes)


def _attempt(attempt: Attempt, paint: Callable[[str], str]) -> Iterator[str]:
    yield f"{paint(attempt.outcome)}  (run {attempt.run_id[:8]})"
    if attempt.reason:
        yield safe(attempt.reason)
    if sentence := first_difference(attempt):
        yield sentence
    if attempt.steps:
        rows = [(brief(one.step), one.outcome, one.run_id[:8]) for one in attempt.steps]
        yield from columns([("STEP", "OUTCOME", "RUN"), *rows])
    for one in (attempt, *attempt.steps):
        yield from _differences(one)


def _differences(attempt: Attempt) -> Iterator[str]:
    """Yield a table of what differs, below the name of the step whose it is."""
    if not attempt.differences:
        return
    if attempt.step:
        yield f"{brief(attempt.step)}:"
    head = ("WHAT", "NAME", "CELL", "ORIGINAL", "REPRODUCED", "")
    yield from columns([head, *map(_row, attempt.differences[:MOST])])
    if (more := len(attempt.differences) - MOST) > 0:
        yield f"… and {more} more"


def _row(one: Difference) -> tuple[str, ...]:
    return (
        one.kind,
        brief(one.key),
        _place(one),
        _value(one.original),
        _value(one.reproduced),
        "within tolerance" if one.within else "",
    )


def _place(one: Difference) -> str:
    """Return the number of a cell, and its id if that is a name."""
    if one.cell is None:
        return ""
    cell_id = safe(one.cell_id or "")
    return f"{one.cell} ({cell_id})" if 0 < len(cell_id) < 30 else str(one.cell)


def _value(value: object) -> str:
    """Return a value, a number with all that tells it from another one close to it."""
    if value is None:
        return "missing"
    return repr(value) if isinstance(value, float) else brief(value)
