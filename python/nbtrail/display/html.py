"""How entities look as a cell's result: formatters that IPython knows, not methods of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from nbtrail.display.table import Table, number_text, run_label, time_text
from nbtrail.entities import Endpoint, Experiment, ModelVersion, Run


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
    metrics = {key: number_text(value) for key, value in run.data.metrics.items()}
    parts = [_facts(f"Run {run_label(run)}", facts)]
    parts += [_facts("Metrics", metrics)] if metrics else []
    parts += [_facts("Params", run.data.params)] if run.data.params else []
    return "".join(parts)


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


FORMATTERS: dict[type[Any], Any] = {
    Run: run_html,
    Experiment: experiment_html,
    ModelVersion: version_html,
    Endpoint: endpoint_html,
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


def _facts(title: str, facts: Mapping[str, str]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts.items()
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>"
