"""The functions that people call: MLflow's names, arguments and return fields."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nbtrail.artifacts import clean
from nbtrail.entities import Experiment, Run, Status
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.tracking import checks
from nbtrail.tracking.active import require_run
from nbtrail.tracking.run import active_run
from nbtrail.tracking.where import place

if TYPE_CHECKING:
    import pandas as pd


def set_tracking_uri(uri: str | os.PathLike[str] | None) -> None:
    """Record at `uri` from now on: a directory, or ``sqlite:///file.db``."""
    place.use(uri)


def get_tracking_uri() -> str:
    """Return where this process records, or will."""
    return place.uri


def set_experiment(
    experiment_name: str | None = None, experiment_id: str | None = None
) -> Experiment:
    """Make an experiment the one that new runs go to; by name, it is made when it is new.

    Raises:
        InvalidValue: neither or both of name and id are given.
        NotFound: there is no experiment with that id.
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidValue("set_experiment needs either an experiment's name or its id.")
    experiments = place.store().experiments
    if experiment_name is not None:
        experiment = experiments.ensure(experiment_name)
    else:
        experiment = experiments.get(str(experiment_id))
    place.set_experiment(experiment)
    return experiment


def end_run(status: Status = "FINISHED") -> None:
    """End the current run, if there is one.

    Raises:
        InvalidValue: that is not a final status.
    """
    if status not in {"FINISHED", "FAILED", "KILLED"}:
        raise InvalidValue(f"A run ends as FINISHED, FAILED or KILLED, not as {status!r:.40}.")
    current = active_run()
    if current is not None:
        current.end(status)


def get_run(run_id: str) -> Run:
    """Return a run with its latest params, metrics and tags.

    Raises:
        NotFound: there is none with that id.
    """
    store = place.store()
    store.drain()
    return store.runs.get(run_id)


def log_param(key: str, value: Any) -> Any:
    """Record a param of the current run; it keeps this value within the run.

    Raises:
        InvalidValue: the param has another value already, or the key is not allowed.
    """
    log_params({key: value})
    return value


def log_params(params: dict[str, Any]) -> None:
    """Record several params of the current run, all of them or none; see `log_param`."""
    run = active_run()
    if run is None:
        checks.params(params)
        run = require_run()
    run.log_params(params)


def log_metric(
    key: str, value: float, step: int | None = None, timestamp: int | None = None
) -> None:
    """Record one point of a metric of the current run.

    Args:
        key: the metric's name.
        value: a number; NaN and infinities are kept.
        step: where the point stands on the x axis; 0 when not given.
        timestamp: ms since the epoch; now when not given.

    Raises:
        InvalidValue: the value is not a number, or the key is not allowed.
    """
    run = active_run()
    if run is None:
        checks.metrics({key: value}, step, timestamp)
        run = require_run()
    run.log_metric(key, value, step, timestamp)


def log_metrics(
    metrics: dict[str, float], step: int | None = None, timestamp: int | None = None
) -> None:
    """Record one point of each of several metrics; see `log_metric`."""
    checks.metrics(metrics, step, timestamp)
    run = require_run()
    for key, value in metrics.items():
        run.log_metric(key, value, step, timestamp)


def set_tag(key: str, value: Any) -> None:
    """Set a tag of the current run; an old value is replaced."""
    set_tags({key: value})


def set_tags(tags: dict[str, Any]) -> None:
    """Set several tags of the current run."""
    checks.tags(tags)
    require_run().set_tags(tags)


def log_artifact(local_path: str | os.PathLike[str], artifact_path: str | None = None) -> None:
    """Keep a file (or a directory) with the current run, in the folder `artifact_path`.

    Raises:
        NotFound: there is no such file.
        InvalidValue: `artifact_path` leads out of the run's folder.
    """
    source = Path(local_path)
    folder = artifact_path or ""
    if source.is_dir():
        folder = f"{folder}/{source.name}" if folder else source.name
    _upload(source, folder)


def log_artifacts(local_dir: str | os.PathLike[str], artifact_path: str | None = None) -> None:
    """Keep the content of a directory with the current run; see `log_artifact`."""
    _upload(Path(local_dir), artifact_path or "")


def _upload(source: Path, folder: str) -> None:
    if not source.exists():
        raise NotFound(f"There is no file '{source}' to log as an artifact.")
    if folder:
        clean(folder)
    require_run().upload_artifact(source, folder)


def log_text(text: str, artifact_file: str) -> None:
    """Keep a text with the current run, as the file `artifact_file`."""
    _write(artifact_file, text.encode())


def _write(artifact_file: str, data: bytes) -> None:
    clean(artifact_file)
    require_run().write_artifact(artifact_file, data)


def log_dict(dictionary: Any, artifact_file: str) -> None:
    """Keep a dict or list with the current run: YAML if the file's name says so, else JSON."""
    if artifact_file.endswith((".yaml", ".yml")):
        import yaml

        text = yaml.safe_dump(dictionary, sort_keys=False)
    else:
        text = json.dumps(dictionary, indent=2, default=str)
    _write(artifact_file, text.encode())


def log_figure(figure: Any, artifact_file: str) -> None:
    """Keep a matplotlib or plotly figure with the current run.

    The file's ending says the format: .png, .svg or .pdf for matplotlib; .html or .json for plotly.

    Raises:
        InvalidValue: it is not a figure of either library, or the ending is not one of these.
    """
    if hasattr(figure, "savefig"):
        import io

        buffer = io.BytesIO()
        figure.savefig(buffer, format=Path(artifact_file).suffix.lstrip(".") or "png")
        _write(artifact_file, buffer.getvalue())
    elif hasattr(figure, "to_html"):
        if not artifact_file.endswith((".html", ".json")):
            raise InvalidValue(f"A plotly figure is kept as .html or .json, not '{artifact_file}'.")
        text = figure.to_json() if artifact_file.endswith(".json") else figure.to_html()
        _write(artifact_file, text.encode())
    else:
        raise InvalidValue(
            f"log_figure takes a matplotlib or plotly figure, not a {type(figure).__name__}."
        )


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return where the current run's artifacts (or one of them) are."""
    root = require_run().info.artifact_uri
    return f"{root}/{artifact_path}" if artifact_path else root


def search_runs(
    experiment_ids: list[str] | None = None,
    filter_string: str = "",
    run_view_type: int = 1,
    max_results: int = 100_000,
    order_by: list[str] | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
    search_all_experiments: bool = False,
    experiment_names: list[str] | None = None,
) -> pd.DataFrame | list[Run]:
    """Return the runs that a filter selects, as a DataFrame with a row per run, or as a list.

    Without ids and names the search is in the experiment that was set, else in all of them.

    Args:
        experiment_ids: experiments to search.
        filter_string: such as ``metrics.accuracy > 0.9 and params.C = '1.0'``.
        run_view_type: 1 for active runs, the only ones there are today.
        max_results: at most so many runs.
        order_by: such as ``["metrics.accuracy DESC"]``; else the newest first.
        output_format: ``pandas`` or ``list``.
        search_all_experiments: search them all even if one was set.
        experiment_names: experiments to search, by name.

    Raises:
        InvalidValue: the filter, the order or an argument is not understood.
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidValue(f"output_format is 'pandas' or 'list', not {output_format!r:.40}.")
    if run_view_type != 1:
        raise InvalidValue("run_view_type must be 1 (active runs): none are deleted here.")
    wanted = _experiments(experiment_ids, experiment_names, search_all_experiments)
    runs = _all_pages(wanted, filter_string or "", order_by or [], max_results)
    return runs if output_format == "list" else to_frame(runs)


def _experiments(
    ids: list[str] | None, names: list[str] | None, everywhere: bool
) -> list[str] | None:
    store = place.existing_store()
    if store is None:
        return []
    if names is not None:
        known = (store.experiments.by_name(name) for name in names)
        return [*(ids or []), *(found.experiment_id for found in known if found)]
    if ids is not None:
        return [str(one) for one in ids]
    chosen = None if everywhere else place.chosen_experiment_id()
    return [chosen] if chosen else None


def _all_pages(
    experiment_ids: list[str] | None, filter_string: str, order_by: list[str], max_results: int
) -> list[Run]:
    store = place.existing_store()
    if store is None:
        return []
    store.drain()
    runs: list[Run] = []
    token: str | None = None
    while True:
        page, token = store.runs.search(
            experiment_ids, filter_string, order_by, min(max_results - len(runs), 50_000), token
        )
        runs += page
        if token is None or len(runs) >= max_results:
            return runs


def to_frame(runs: list[Run]) -> pd.DataFrame:
    """Return runs as a table with MLflow's columns; times are UTC."""
    import pandas as pd

    columns = ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]
    rows = []
    for run in runs:
        row: dict[str, Any] = {name: getattr(run.info, name) for name in columns}
        for kind in ("metrics", "params", "tags"):
            row |= {f"{kind}.{key}": value for key, value in getattr(run.data, kind).items()}
        rows.append(row)
    named = {name for row in rows for name in row} - set(columns)
    order = {"metrics": 0, "params": 1, "tags": 2}
    named_in_order = sorted(named, key=lambda name: (order[name.split(".", 1)[0]], name))
    frame = pd.DataFrame(rows, columns=[*columns, *named_in_order])
    for column in ("start_time", "end_time"):
        frame[column] = pd.to_datetime(frame[column], unit="ms", utc=True)
    return frame
