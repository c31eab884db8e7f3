"""Runs as text: one in full, many in a table, some side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nbtrail.cli import text

if TYPE_CHECKING:
    from nbtrail.entities import DatasetInput, Run
    from nbtrail.store import Store

METRICS_IN_LIST = 3
MOST_CHILDREN = 50
PARENT = "mlflow.parentRunId"
SYSTEM = "system/"


def full(store: Store, run: Run) -> str:
    """Return all that is known of a run."""
    return "\n\n".join(_sections(store, run))


def listed(store: Store, runs: Sequence[Run]) -> str:
    """Return a table with a line for each run."""
    names = {e.experiment_id: e.name for e in store.experiments.list()}
    trust = {run.info.run_id: trust_in(run) for run in runs}
    judged = any(trust.values())
    columns = ("RUN", "NAME", "EXPERIMENT", "STATUS", "STARTED", "DURATION")
    rows = [
        (
            run.info.run_id[:8],
            run.info.run_name,
            names.get(run.info.experiment_id),
            run.info.status,
            text.moment(run.info.start_time),
            text.duration(run.info.start_time, run.info.end_time),
            *((trust[run.info.run_id],) if judged else ()),
            _first_metrics(run),
        )
        for run in runs
    ]
    return text.table((*columns, *(("VERDICT",) if judged else ()), "METRICS"), rows)


def trust_in(run: Run) -> str:
    """Return a run's verdict, and what came of its latest reproduction."""
    from nbtrail.store.cells import VERDICT
    from nbtrail.store.trails import REPRODUCTION

    tags = run.data.tags
    found = [tags[VERDICT]] if VERDICT in tags else []
    found += [f"reproduced: {tags[REPRODUCTION]}"] if REPRODUCTION in tags else []
    return ", ".join(found)


def compared(runs: Sequence[Run]) -> str:
    """Return the params that differ, and the metrics, with a column for each run."""
    names = [f"{text.cell(run.info.run_name, 48)} ({run.info.run_id[:8]})" for run in runs]
    params = [run.data.params for run in runs]
    metrics = [run.data.metrics for run in runs]
    different = {key: row for key, row in _by_key(params) if len(set(row)) > 1}
    shown = [text.table(("PARAM", *names), [(key, *row) for key, row in different.items()])]
    if not different:
        shown = ["The params are the same."]
    if rows := [(key, *row) for key, row in _by_key(metrics)]:
        shown.append(text.table(("METRIC", *names), rows))
    return "\n\n".join(shown)


def _by_key(columns: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, list[object]]]:
    for key in sorted(set().union(*columns)):
        yield key, [column.get(key) for column in columns]


def _first_metrics(run: Run) -> str:
    summaries = run.data.metric_summaries
    own = [
        one for one in summaries if not one.key.startswith(SYSTEM)
    ]  # the machine's fill the line
    shown = [f"{one.key}={text.cell(one.value)}" for one in own]
    more = len(shown) - METRICS_IN_LIST
    return " ".join([*shown[:METRICS_IN_LIST], *([f"(+{more})"] if more > 0 else [])])


def _sections(store: Store, run: Run) -> Iterator[str]:
    from nbtrail.store.documents import ARTIFACTS, DIGEST

    yield _about(store, run)
    data = run.data
    if data.param_records:
        # What the user set comes before all that a framework has as its settings.
        ordered = sorted(data.param_records, key=lambda param: param.origin == "autolog")
        params = [(p.key, p.value, p.origin) for p in ordered]
        yield text.table(("PARAM", "VALUE", "ORIGIN"), params)
    if data.metric_summaries:
        metrics = [(m.key, m.value, m.min, m.max, m.count) for m in data.metric_summaries]
        yield text.table(("METRIC", "LAST", "MIN", "MAX", "POINTS"), metrics)
    if tags := [(k, v) for k, v in data.tags.items() if not k.startswith(("mlflow.", DIGEST))]:
        yield text.table(("TAG", "VALUE"), tags)
    if run.inputs.dataset_inputs:
        used = [_used(one) for one in run.inputs.dataset_inputs]
        yield text.table(("DATASET", "DIGEST", "USED FOR", "SOURCE"), used)
    if children := _children(store, run):
        rows = [
            (one.info.run_id[:8], one.info.run_name, one.info.status, _first_metrics(one))
            for one in children
        ]
        yield text.table(("CHILD", "NAME", "STATUS", "METRICS"), rows)
    if models := store.registry.logged_models(run.info.run_id):
        uris = [(m.name, m.flavor, f"models:/{m.model_id}") for m in models]
        yield text.table(("MODEL", "FLAVOR", "URI"), uris)
    if files := store.contexts.get(run.info.run_id).get(ARTIFACTS):
        yield text.table(("FILE ELSEWHERE", "URI"), [(f["path"], f["uri"]) for f in files["files"]])


def _about(store: Store, run: Run) -> str:
    from nbtrail.store.edits import NOTE

    info = run.info
    lines = {
        "Run": info.run_name,
        "Id": info.run_id,
        "Experiment": store.experiments.get(info.experiment_id).name,
        "Parent": run.data.tags.get(PARENT),
        "Status": _status(run),
        "Started": text.moment(info.start_time),
        "Duration": text.duration(info.start_time, info.end_time),
        "Notebook": info.notebook,
        "Artifacts": info.artifact_uri,
        "Commit": run.data.tags.get("mlflow.source.git.commit"),
        "Note": run.data.tags.get(NOTE),
    }
    return "\n".join(f"{name:<10}  {text.line(value)}" for name, value in lines.items() if value)


def _status(run: Run) -> str:
    info = run.info
    status = f"{info.status} ({info.error})" if info.error else info.status
    if info.lifecycle_stage == "deleted":
        return f"{status}, deleted: nbtrail runs restore {info.run_id[:8]}"
    return status


def _children(store: Store, run: Run) -> Sequence[Run]:
    wanted = f"tags.`{PARENT}` = '{run.info.run_id}'"
    return store.runs.search(None, wanted, ["start_time ASC"], MOST_CHILDREN, lenient=True)[0]


def _used(one: DatasetInput) -> tuple[str, ...]:
    from nbtrail.store.datasets import CONTEXT

    contexts = (tag.value for tag in one.tags if tag.key == CONTEXT)
    source = text.source(one.dataset.source)
    return (one.dataset.name, one.dataset.digest, next(contexts, ""), source)
