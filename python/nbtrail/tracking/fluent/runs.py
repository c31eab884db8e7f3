"""Runs: ending, finding, deleting them. Starting is in tracking/active.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from nbtrail.entities import Run, Status, ViewType
from nbtrail.errors import FileMissing, InvalidValue, NotFound
from nbtrail.store import documents
from nbtrail.tracking.client import Client
from nbtrail.tracking.client.base import view_of
from nbtrail.tracking.current import active_run
from nbtrail.tracking.failures import tell_once
from nbtrail.tracking.where import place

if TYPE_CHECKING:
    import pandas as pd

MOST = 100_000
_COLUMNS = ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]


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
    return Client().get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """Return the run that a nested run belongs to, or None.

    Raises:
        NotFound: there is no such run, or its parent is gone.
    """
    return Client().get_parent_run(run_id)


def delete_run(run_id: str) -> None:
    """Take a run out of listings; `restore_run` brings it back until ``nbtrail gc``.

    Raises:
        NotFound: there is none with that id.
    """
    Client().delete_run(run_id)


def restore_run(run_id: str) -> None:
    """Undo `delete_run`.

    Raises:
        NotFound: there is none with that id.
        InvalidValue: its experiment is deleted.
    """
    Client().restore_run(run_id)


def search_runs(
    experiment_ids: list[str] | None = None,
    filter_string: str = "",
    run_view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int | None = MOST,
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
        run_view_type: of `nbtrail.entities.ViewType`: active, deleted or all runs.
        max_results: at most so many runs; 100,000 when None.
        order_by: such as ``["metrics.accuracy DESC"]``; else the newest first.
        output_format: ``pandas`` or ``list``.
        search_all_experiments: search them all even if one was set.
        experiment_names: experiments to search, by name.

    Raises:
        InvalidValue: the filter, the order or an argument is not understood.
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidValue(f"output_format is 'pandas' or 'list', not {output_format!r:.40}.")
    runs: list[Run] = []
    if place.existing_store() is not None:
        wanted = _experiments(experiment_ids, experiment_names, search_all_experiments)
        view = view_of(run_view_type)
        runs = all_pages(wanted, filter_string or "", order_by or [], max_results or MOST, view)
    return runs if output_format == "list" else to_frame(runs)


def _experiments(
    ids: list[str] | None, names: list[str] | None, everywhere: bool
) -> list[str] | None:
    if ids or names:
        return [*map(str, ids or []), *_named(names or [])]
    chosen = None if everywhere else place.chosen_experiment_id()
    return [chosen] if chosen else None


def _named(names: list[str]) -> Iterator[str]:
    """Yield the ids of the experiments of these names; of one that is not there, tell."""
    for name in names:
        try:
            yield place.store().experiments.named(name).experiment_id
        except NotFound as error:
            tell_once(f"nbtrail: {error} The search leaves it out.")


def all_pages(
    experiment_ids: list[str] | None,
    filter_string: str = "",
    order_by: list[str] | None = None,
    max_results: int = MOST,
    view: ViewType = ViewType.ACTIVE_ONLY,
) -> list[Run]:
    """Return all runs that a filter selects, up to `max_results`."""
    client, runs = Client(), list[Run]()
    token: str | None = None
    while True:
        size = min(max_results - len(runs), 50_000)
        page = client.search_runs(experiment_ids, filter_string, view, size, order_by, token)
        runs += page
        token = page.token
        if token is None or len(runs) >= max_results:
            return runs


def to_frame(runs: list[Run]) -> pd.DataFrame:
    """Return runs as a table with MLflow's columns; times are UTC."""
    import pandas as pd

    rows = []
    for run in runs:
        row: dict[str, Any] = {name: getattr(run.info, name) for name in _COLUMNS}
        for kind in ("metrics", "params", "tags"):
            row |= {f"{kind}.{key}": value for key, value in getattr(run.data, kind).items()}
        rows.append(row)
    named = {name for row in rows for name in row} - set(_COLUMNS)
    order = {"metrics": 0, "params": 1, "tags": 2}
    named_in_order = sorted(named, key=lambda name: (order[name.split(".", 1)[0]], name))
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, *named_in_order])
    for column in ("start_time", "end_time"):
        frame[column] = pd.to_datetime(frame[column], unit="ms", utc=True, errors="coerce")
    return frame


def register_run(
    document: documents.RunDocument | dict[str, Any] | str | bytes | Path | None = None,
    **fields: Any,
) -> Run:
    """Record a run that took place elsewhere, in one transaction; with a `run_id`, only once.

    Args:
        document: params, metrics with their steps, tags, artifacts, datasets and times, as
            `nbtrail import --schema` describes; a dict, JSON, or the path of a JSON file.
        fields: the same by name: ``register_run(experiment="wine", metrics={"acc": 0.9})``.

    Raises:
        InvalidValue: the document is not as described; the message has the field.
        FileMissing: there is no such file.
    """
    if isinstance(document, dict) or document is None:
        document = {**(document or {}), **fields}
    elif fields:
        raise InvalidValue("Give register_run either a document or fields, not both.")
    elif isinstance(document, Path) or _is_path(document):
        document = documents.read(_content(Path(document)))
    elif isinstance(document, str | bytes):
        document = documents.read(document)
    return place.store().documents.register(document)


def _is_path(document: object) -> TypeGuard[str]:
    return isinstance(document, str) and document.endswith(".json") and "{" not in document


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileMissing(f"There is no file '{path}' to register a run from.") from None
