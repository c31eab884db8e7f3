"""How entities look as a cell's result: formatters that IPython knows, not methods of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from nbtrail.display.diff import diff_html, why_html
from nbtrail.display.table import Table, number_text, run_label, run_table, time_text
from nbtrail.display.trails import cell_html, verdict_html
from nbtrail.entities import (
    CellExecution,
    Endpoint,
    Experiment,
    ModelVersion,
    PagedList,
    Record,
    Reproduction,
    Run,
    RunData,
    Verdict,
)
from nbtrail.tracking import ActiveRun
from nbtrail.trail.diff import TrailDiff
from nbtrail.trail.recorded import Why
from nbtrail.trail.reproduction import reproduction_text

LONGEST = 300  # characters of a field
MOST_TRIALS = 20
_MOMENTS = set(
    "at created creation_time creation_timestamp end_time last_update_time "
    "last_updated_timestamp last_used saved start_time started timestamp".split()
)


def table_html(table: Table) -> str:
    """Return a table of runs that needs no kernel."""
    head = "".join(f"<th>{escape(column.title)}</th>" for column in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell.text)}</td>' for cell in row.cells)}</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def run_html(run: Run) -> str:
    """Return a run's state, metrics and params."""
    info = run.info
    facts = {"status": info.status, "started": time_text(info.start_time), "id": info.run_id}
    if info.error:
        facts["error"] = info.error
    return _facts(f"Run {run_label(run)}", facts) + data_html(run.data)


def data_html(data: RunData) -> str:
    """Return the metrics and the params of a run."""
    metrics = {key: number_text(value) for key, value in data.metrics.items()}
    sections = {"Metrics": metrics, "Params": data.params}
    return "".join(_facts(title, facts) for title, facts in sections.items() if facts)


def experiment_html(experiment: Experiment) -> str:
    """Return what an experiment is."""
    facts = {"id": experiment.experiment_id, "stage": experiment.lifecycle_stage}
    return _facts(f"Experiment {experiment.name}", facts | experiment.tags)


def version_html(version: ModelVersion) -> str:
    """Return what a model version is, and how it is named."""
    facts = {
        "uri": f"models:/{version.name}/{version.version}",
        "created": time_text(version.creation_timestamp),
        "run": version.run_id or "",
    }
    return _facts(f"Model {version.name}, version {version.version}", facts)


def endpoint_html(endpoint: Endpoint) -> str:
    """Return what an endpoint serves and how it is; never its token."""
    facts = {"model": endpoint.model_uri, "state": endpoint.state}
    if endpoint.port is not None:
        facts["address"] = f"http://{endpoint.host}:{endpoint.port}/invocations"
    if endpoint.error:
        facts["error"] = endpoint.error
    return _facts(f"Endpoint {endpoint.name}", facts)


def execution_html(execution: CellExecution) -> str:
    """Return a cell as it ran."""
    return cell_html(execution, {})


def list_html(records: Sequence[Any]) -> str:
    """Return runs as their table, other records as one with a column for each field."""
    if all(isinstance(one, Run) for one in records):
        return table_html(run_table(records))
    return _rows(_fields(one) if isinstance(one, Record) else {"": _field(one)} for one in records)


def record_html(record: Record) -> str:
    """Return the fields of a record that have something in them."""
    return _facts(type(record).__name__, _fields(record))


def reproduction_html(found: Reproduction) -> str:
    """Return what came of a reproduction as its text."""
    return f"<pre>{escape(reproduction_text(found))}</pre>"


def sweep_html(found: Any) -> str:
    """Return the trials of a `SweepResult` (of a room above this one), the best first."""
    ranked = found.ranked()
    rest = [one for one in found.trials if one.state != "finished"]
    rows = [
        {"trial": one.number, "run": one.run_id[:8], found.metric: one.value}
        | one.parameters
        | {"state": one.state, "error": one.error}
        for one in [*ranked, *rest]
    ]
    info = found.run.info
    title = f"Sweep {info.run_name} ({info.run_id[:8]}): {len(ranked)} of {len(rows)} finished"
    return f"<p>{escape(title)}</p>{_rows(rows[:MOST_TRIALS])}"


# The first of a type's ancestors that is here tells how it looks.
FORMATTERS: dict[type[Any] | str, Any] = {
    Record: record_html,
    PagedList: list_html,
    Run: run_html,
    ActiveRun: run_html,
    RunData: data_html,
    CellExecution: execution_html,
    Verdict: verdict_html,
    Experiment: experiment_html,
    ModelVersion: version_html,
    Endpoint: endpoint_html,
    TrailDiff: diff_html,
    Why: why_html,
    Reproduction: reproduction_html,
    # Its module is loaded by who sweeps.
    "nbtrail.projects.sweeps.trials.SweepResult": sweep_html,
}


def register(shell: Any) -> None:
    """Teach an IPython shell how entities look."""
    html = shell.display_formatter.formatters["text/html"]
    for entity, formatter in FORMATTERS.items():
        html.for_type(entity, formatter)


def unregister(shell: Any) -> None:
    """Take that back."""
    html = shell.display_formatter.formatters["text/html"]
    for entity in FORMATTERS:
        html.pop(entity, None)


def _fields(record: Record) -> dict[str, str]:
    texts = {
        name: time_text(value) if name in _MOMENTS and isinstance(value, int) else _field(value)
        for name, value in record
    }
    return {name: text for name, text in texts.items() if text}


def _rows(records: Iterable[Mapping[str, Any]]) -> str:
    """Return a table with a column for each name that some record has something under."""
    rows = [{name: _field(value) for name, value in one.items()} for one in records]
    names = list(dict.fromkeys(name for row in rows for name, text in row.items() if text))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = ("".join(f"<td>{escape(row.get(name, ''))}</td>" for name in names) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _field(value: Any) -> str:
    """Return the text of a field, cut where it is long; nothing for what is empty."""
    if value is None or (isinstance(value, list | dict | str) and not value):
        return ""
    text = number_text(value) if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _facts(title: str, facts: Mapping[str, str]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts.items()
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>"
