"""Two runs side by side: what `nbtrail.diff` gives, and how that looks as a cell's result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from nbtrail.entities import Run
from nbtrail.tracking import place
from nbtrail.trail import recorded
from nbtrail.trail.cells import CellChange
from nbtrail.trail.diff import Change, TrailDiff, compare_runs
from nbtrail.trail.recorded import Why
from nbtrail.trail.text import brief, place_of

_LOOKS = {"+": "background:#2da44e33", "-": "background:#cf222e33", "@": "opacity:0.6"}


def diff(run_a: str | Run, run_b: str | Run) -> TrailDiff:
    """Compare two runs: params, metrics, cells, packages, data and git.

    Args:
        run_a: the id of a run, or the run, that is taken for the earlier one.
        run_b: the other one.

    Returns:
        A record, which prints as text and shows as HTML in a notebook.

    Raises:
        NotFound: there is no such run.
    """
    store = place.store()
    store.drain()
    a, b = (store.runs.get(_id(run)) for run in (run_a, run_b))
    return compare_runs(store, a, b)


def why(run: str | Run, metric: str) -> Why:
    """Return the chain of cells that led to a metric of a run, in the order in which they ran.

    Raises:
        NotFound: there is no such run.
        InvalidValue: it has no such metric, or no cell has logged it.
    """
    store = place.store()
    store.drain()
    return recorded.why(store, store.runs.get(_id(run)), metric)


def diff_html(diff: TrailDiff) -> str:
    """Return a comparison as tables, and a fold for each cell that differs."""
    names = [escape(info.run_name or info.run_id[:8]) for info in (diff.run_a, diff.run_b)]
    sections = {"Params": diff.params, "Metrics": diff.metrics}
    settings = {"Packages": diff.packages, "Data": diff.data, "Git": diff.git}
    parts = [_table(title, changes, names) for title, changes in sections.items() if changes]
    parts += [_cell(change) for change in diff.cells if change.differs]
    parts += [_table(title, changes, names) for title, changes in settings.items() if changes]
    return "".join(parts) or f"<p>Nothing is different between {names[0]} and {names[1]}.</p>"


def why_html(why: Why) -> str:
    """Return a chain of cells as a table."""
    rows = "".join(
        f"<tr><th>{escape(place_of(link.execution))}</th>"
        f"<td style='text-align:left'><pre>{escape(link.execution.source)}</pre></td>"
        f"<td>{escape(', '.join(link.provides))}</td></tr>"
        for link in why.links
    )
    caption = escape(f"{why.metric} = {brief(why.value)}")
    head = "<thead><tr><th>Cell</th><th>Source</th><th>Gives</th></tr></thead>"
    return f"<table><caption>{caption}</caption>{head}<tbody>{rows}</tbody></table>"


def _id(run: str | Run) -> str:
    return run.info.run_id if isinstance(run, Run) else run


def _table(title: str, changes: Sequence[Change], names: Sequence[str]) -> str:
    head = f"<tr><th>{title}</th>{''.join(f'<th>{name}</th>' for name in names)}</tr>"
    rows = "".join(
        f"<tr><th>{escape(change.key)}</th><td>{_value(change.a)}</td><td>{_value(change.b)}</td></tr>"
        for change in changes
    )
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _value(value: object) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else brief(value)
    return escape(shown)


def _cell(change: CellChange) -> str:
    places = f", {change.place_a} → {change.place_b}" if change.moved else ""
    summary = f"<summary>{change.summary}{places}: <code>{escape(change.title)}</code></summary>"
    outputs = "".join(
        f"<p>{escape(one.what)}{'' if one.diff else ' differs'}</p>{_lines(one.diff)}"
        for one in change.outputs
    )
    return f"<details>{summary}{_lines(change.source)}{outputs}</details>"


def _lines(lines: Iterable[str]) -> str:
    """Return the lines of a unified diff, told apart by their first character and a tint."""
    shown = "".join(
        f"<span style='display:block;{_LOOKS.get(line[:1], '')}'>{escape(line) or ' '}</span>"
        for line in lines
    )
    return f"<pre>{shown}</pre>" if shown else ""
