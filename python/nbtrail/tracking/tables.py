"""Tables as artifacts: rows are added to the file that is there, and read from many runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbtrail.artifacts import clean
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.tracking import table_files
from nbtrail.tracking.failures import tell_once
from nbtrail.tracking.log import RunLog, check_active
from nbtrail.tracking.media import Image, image_of_table

if TYPE_CHECKING:
    import pandas as pd

TAG = "mlflow.loggedArtifacts"
"""The run's tag that lists its tables, as JSON."""
_LONGEST_TAG = 8000


def frame_of(data: Mapping[str, Any] | pd.DataFrame, artifact_file: str) -> pd.DataFrame:
    """Return what is to be logged as a table.

    Raises:
        InvalidValue: it is no table, or the file is neither .json nor .parquet.
    """
    import pandas as pd

    clean(artifact_file)
    if not artifact_file.endswith(table_files.SUFFIXES):
        raise InvalidValue(f"A table is kept as .json or .parquet, not '{artifact_file}'.")
    if isinstance(data, pd.DataFrame):
        return table_files.named(data, artifact_file)
    if not isinstance(data, Mapping):
        raise InvalidValue(f"A table is a dict or a DataFrame, not a {type(data).__name__}.")
    try:
        scalars = all(pd.api.types.is_scalar(v) or isinstance(v, Image) for v in data.values())
        frame = pd.DataFrame([data] if scalars else dict(data))
    except (ValueError, TypeError) as error:
        raise InvalidValue(f"The table '{artifact_file}' cannot be made: {error}.") from error
    return table_files.named(frame, artifact_file)


def append(run: RunLog, frame: pd.DataFrame, artifact_file: str) -> None:
    """Add rows to a table of a run, which is made when it is new.

    Raises:
        InvalidValue: the file that is there is no table.
    """
    path = clean(artifact_file)
    run.patience.write("tables", lambda: _append(run, frame, path))


def _append(run: RunLog, frame: pd.DataFrame, artifact_file: str) -> None:
    check_active(run.store, run.run_id)
    frame = _with_images_kept(run, frame, artifact_file)
    # Others who add rows to it just now wait, no row is lost; the database waits for no upload.
    with run.store.held(f"{run.run_id}/{artifact_file}"):
        frame = _below_what_is_there(run, frame, artifact_file)
        run.artifacts.write(artifact_file, table_files.write(frame, artifact_file))
        list_table(run, artifact_file)


def _below_what_is_there(run: RunLog, frame: pd.DataFrame, artifact_file: str) -> pd.DataFrame:
    """Return the rows with those before them, if there is such a table, and its file."""
    if artifact_file in _tables(run.store.runs.get(run.run_id)):
        with suppress(NotFound):  # somebody took it away: it begins anew
            old = run.artifacts.read(artifact_file)
            known = table_files.read(old, artifact_file, as_written=True)
            return table_files.joined(known, frame, artifact_file)
    return frame


def list_table(run: RunLog, artifact_file: str) -> None:
    """Make a file known as a table of a run, unless there are too many to be listed."""
    with run.store.transaction():
        known = _tables(run.store.runs.get(run.run_id))
        if artifact_file not in known:
            text = json.dumps([{"path": path, "type": "table"} for path in [*known, artifact_file]])
            if len(text) <= _LONGEST_TAG:
                run.store.runs.set_tags(run.run_id, {TAG: text})


def _with_images_kept(run: RunLog, frame: pd.DataFrame, artifact_file: str) -> pd.DataFrame:
    """Keep images as files of their own, and return a table that says where they are."""

    def kept(cell: Any) -> Any:
        if not isinstance(cell, Image):
            return cell
        files = image_of_table(cell, artifact_file)
        run.write_artifacts(files)
        full, small = files
        return {"type": "image", "filepath": full, "compressed_filepath": small}

    for column in frame.columns:
        if any(isinstance(cell, Image) for cell in frame[column]):
            frame = frame.assign(**{str(column): frame[column].map(kept)})
    return frame


def load(
    runs: Sequence[tuple[Run, RunLog]], artifact_file: str, extra_columns: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the tables of this name that runs have, one below the other.

    Args:
        runs: where to look.
        artifact_file: the table.
        extra_columns: what of each run to add to its rows, such as ``run_id`` or ``params.lr``.

    Raises:
        NotFound: none of the runs has the table.
        InvalidValue: a run has no such column.
    """
    import pandas as pd

    artifact_file = clean(artifact_file)
    frames = [
        table.assign(**{column: _column(run, column) for column in extra_columns})
        for run, log in runs
        if artifact_file in _tables(run)
        if (table := _find(log, artifact_file)) is not None
    ]
    if not frames:
        raise NotFound(f"None of {len(runs)} runs has a table '{artifact_file}'.")
    return pd.concat(frames, ignore_index=True)


def _find(run: RunLog, artifact_file: str) -> pd.DataFrame | None:
    """Return the table of a run; None, and a word, if somebody took its file away."""
    try:
        data = run.artifacts.read(artifact_file)
    except NotFound:
        tell_once(f"The table '{artifact_file}' of the run {run.name} is left out: it is gone.")
        return None
    return table_files.read(data, artifact_file)


def _tables(run: Run) -> list[str]:
    try:
        listed = json.loads(run.data.tags.get(TAG, "[]"))
        return [one["path"] for one in listed if one["type"] == "table"]
    except (ValueError, KeyError, TypeError):
        return []


def _column(run: Run, column: str) -> Any:
    kind, _, key = column.partition(".")
    if key and kind in {"metrics", "params", "tags"}:
        return getattr(run.data, kind).get(key)
    if column in {"start_time", "end_time"}:
        import pandas as pd

        return pd.to_datetime(getattr(run.info, column), unit="ms", utc=True, errors="coerce")
    if column in run.info.__struct_fields__:
        return getattr(run.info, column)
    raise InvalidValue(
        f"A run has no column '{column}'. Take run_id, start_time …, or params.…, metrics.…, tags.…"
    )
