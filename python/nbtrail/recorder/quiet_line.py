"""The one quiet line after a cell: what was recorded, and in which run."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbtrail.errors import did_you_mean
from nbtrail.recorder.keeping import Kept
from nbtrail.recorder.notebook_run import NotebookRun
from nbtrail.recorder.outputs import OWN
from nbtrail.recorder.session import Execution
from nbtrail.recorder.trust import Trust
from nbtrail.tracking import ActiveRun

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.recorder.runs import Check

SHOWN = 4
"""At most so many params, and so many metrics."""


@dataclass
class Record:
    """What was recorded for one run while a cell ran: beside metrics and params, its models."""

    run: NotebookRun
    models: list[str]
    kept: Kept = field(default_factory=Kept)


def lines_for(execution: Execution, records: list[Record]) -> list[str]:
    """Return a line for each run that an execution gave something to."""
    return [line for line in (_line(record, execution) for record in records) if line]


def show(shell: InteractiveShell, lines: list[str], records: list[Record]) -> None:
    """Display lines, if there are any; nbtrail's own outputs are on no trail."""
    if not lines:
        return
    text = "\n".join(lines)
    style = "color: var(--jp-ui-font-color2, gray); font-size: 0.85em"
    body = "<br>".join(html.escape(line) for line in lines)
    shell.display_pub.publish(
        data={"text/plain": text, "text/html": f'<div style="{style}">{body}</div>'},
        metadata={OWN: {"runs": [record.run.active.run_id for record in records]}},
    )


ORIGINS = {
    "live": "the notebook as it is in the front end",
    "papermill": "the notebook that papermill runs",
    "file": "the notebook file, saved {saved}",
    "assumed": "the cells in the order in which they first ran (no notebook is known)",
}


def check_text(check: Check) -> str:
    """Return what is to be thought of a run, why, and what to do about it, line by line."""
    saved = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime((check.document.saved or 0) / 1000))
    lines = [
        f"{check.run_name}: {check.verdict.verdict}",
        f"Compared with {ORIGINS[check.verdict.origin].format(saved=saved)}.",
        *(f"- {finding.text}" for finding in check.verdict.findings),
    ]
    if check.to_run_again:
        numbers = ", ".join(map(str, check.to_run_again))
        lines.append(f"To become linear, run again from top to bottom: cell {numbers}.")
    return "\n".join(lines)


def _line(record: Record, execution: Execution) -> str:
    """Describe what this execution gave to a run; empty when it gave nothing and made none."""
    run = record.run.active
    yielded = execution.ordinal in record.run.results
    if not yielded and not record.kept and not execution.tracked:
        return ""
    metrics = _metrics(run, execution) if yielded else {}
    parts = [_few({key: str(value) for key, value in record.run.params.items()}), _few(metrics)]
    parts += [f"model '{name}'" for name in record.models]
    parts += record.kept.words()
    parts += _missing(record.run, execution)
    parts.append(_doubt(record.run.trust))
    told = " · ".join(part for part in parts if part)
    return f"nbtrail: {run.name} · {told}" if told else f"nbtrail: {run.name}"


def _missing(run: NotebookRun, execution: Execution) -> list[str]:
    """Say which names of a ``%%track`` line stand for nothing that can be recorded."""
    if not execution.tracked or execution.status != "ok":
        return []
    data = run.active.data
    found = {*run.params, *(metric.key for metric in data.metric_summaries)}
    found |= {key.partition(".")[0] for key in found} | run.asked.rename.keys()
    asked = [*run.asked.params, *run.asked.metrics]
    names = execution.step.writes
    return [f"no `{one}`.{did_you_mean(one, names)}" for one in asked if one not in found]


def _metrics(run: ActiveRun, execution: Execution) -> dict[str, str]:
    return {
        metric.key: f"{metric.value:.4g}"
        + (f" ({metric.count} points)" if metric.count > 1 else "")
        for metric in run.data.metric_summaries
        if metric.execution == execution.id
    }


def _doubt(trust: Trust) -> str:
    """Say why the notebook would not give these results again, if it would not."""
    if trust.verdict is None or not trust.doubted:
        return ""
    reason = next(finding.text for finding in trust.verdict.findings if finding.kind != "note")
    return f"{trust.verdict.verdict}: {reason}"


def _few(pairs: dict[str, str]) -> str:
    shown = [f"{key}={value:.40}" for key, value in list(pairs.items())[:SHOWN]]
    more = len(pairs) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
