"""`nbtrail.show_trail`: the cells of a run as they ran, and what they say about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from nbtrail.display.chosen import AnyRun, existing_store, run_of
from nbtrail.display.outputs import outputs_html
from nbtrail.display.source import highlighted
from nbtrail.display.table import duration_text, number_text, run_label
from nbtrail.entities import CellExecution, Finding, Run, Verdict
from nbtrail.errors import InvalidValue
from nbtrail.trail.text import columns, first_line, place_of, safe

_QUIET = "opacity:0.7"
_SIGNS = {"ok": "✓", "error": "✗", "interrupted": "■", "killed": "■", "running": "…"}
_COLUMNS = ("CELL", "SOURCE", "STATUS", "DURATION", "RECORDED")


class TrailView:
    """A run's trail: HTML that folds without a script, and a table of text."""

    def __init__(
        self, run: Run, executions: Sequence[CellExecution], verdict: Verdict | None
    ) -> None:
        self._run = run
        self._executions = executions
        self._verdict = verdict
        metrics = {key: number_text(value) for key, value in run.data.metrics.items()}
        self._values = run.data.params | metrics

    def __repr__(self) -> str:
        rows = [_row(one, self._values) for one in self._executions]
        table = columns([_COLUMNS, *rows])
        findings = self._verdict.findings if self._verdict else []
        told = [f"Verdict: {self._verdict.verdict}"] if self._verdict else []
        return "\n".join([*table, *told, *(f"- {safe(one.text)}" for one in findings)])

    def _repr_html_(self) -> str:
        info = self._run.info
        head = f"<b>{escape(run_label(self._run))}</b> · {info.status} · {len(self._executions)}"
        verdict = verdict_html(self._verdict) if self._verdict else ""
        findings = self._verdict.findings if self._verdict else []
        cells = "".join(cell_html(one, self._values, findings) for one in self._executions)
        return f"<div>{head} cells</div>{verdict}{cells}"


def show_trail(run: AnyRun) -> TrailView:
    """Show the cells of a run as they ran: sources, outputs (folded), and what each recorded.

    Args:
        run: a run, its id, or how that begins.

    Raises:
        NotFound: there is no such run.
        InvalidValue: it did not come from cells.
    """
    store = existing_store()
    found = run_of(store, run)
    executions = store.trails.executions(found.info.run_id)
    if not executions:
        raise InvalidValue(
            f"The run {run_label(found)} has no trail: it did not come from cells of a notebook."
        )
    return TrailView(found, executions, store.trails.verdict(found.info.run_id))


def verdict_html(verdict: Verdict) -> str:
    """Return a verdict and its findings."""
    findings = "".join(
        f"<li>{'' if one.kind == verdict.verdict else f'({one.kind}) '}{escape(one.text)}</li>"
        for one in verdict.findings
    )
    origin = f"<span style='{_QUIET}'>(document: {verdict.origin})</span>"
    return f"<div>Verdict: <b>{verdict.verdict}</b> {origin}<ul>{findings}</ul></div>"


def cell_html(
    execution: CellExecution, values: Mapping[str, str], findings: Sequence[Finding] = ()
) -> str:
    """Return a cell as it ran; one that only others read from is folded.

    Args:
        execution: what ran.
        values: of params and metrics, as texts.
        findings: those that are about this execution are told with it.
    """
    told = [one.text for one in findings if execution.id in one.executions]
    warnings = "".join(f"<div>⚠ {escape(text)}</div>" for text in told)
    error = f"<div>✗ {escape(execution.error)}</div>" if execution.error else ""
    body = f"<pre>{highlighted(execution.source)}</pre>{error}{warnings}{_outputs(execution)}"
    shown = "" if execution.role == "prelude" else " open"
    border = "border-left:3px solid rgba(128,128,128,0.4);margin:6px 0;padding-left:8px"
    summary = f"<summary>{_summary(execution, values)}</summary>"
    return f"<details{shown} style='{border}'>{summary}{body}</details>"


def _summary(execution: CellExecution, values: Mapping[str, str]) -> str:
    facts = [f"{_SIGNS[execution.status]} {execution.status}", duration_text(execution.duration)]
    facts += ["read by others"] if execution.role == "prelude" else []
    facts += [f"not analysed: {execution.opaque}"] if execution.opaque else []
    quiet = escape(" · ".join(fact for fact in facts if fact))
    recorded = escape(_recorded(execution, values))
    place = f"<code>{escape(place_of(execution))}</code>"
    return f"{place} <span style='{_QUIET}'>{quiet}</span> <b>{recorded}</b>"


def _recorded(execution: CellExecution, values: Mapping[str, str]) -> str:
    keys = [*execution.params, *execution.metrics]
    return ", ".join(f"{key}={values[key]:.40}" if key in values else key for key in keys)


def _outputs(execution: CellExecution) -> str:
    count = len(execution.outputs)
    if not count:
        return ""
    summary = f"<summary style='{_QUIET}'>{count} output{'s' * (count != 1)}</summary>"
    return f"<details>{summary}{outputs_html(execution.outputs)}</details>"


def _row(execution: CellExecution, values: Mapping[str, str]) -> tuple[str, ...]:
    return (
        place_of(execution),
        first_line(execution.source),
        execution.status,
        duration_text(execution.duration),
        safe(_recorded(execution, values)) or "(read by others)" * (execution.role == "prelude"),
    )
