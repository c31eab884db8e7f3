"""Tables as artifacts: rows are added to the file that is there, and read from many runs."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbtrail.artifacts import clean
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.tracking.log import RunLog

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
    if not artifact_file.endswith((".json", ".parquet")):
        raise InvalidValue(f"A table is kept as .json or .parquet, not '{artifact_file}'.")
    if isinstance(data, pd.DataFrame):
        return data
    if not isinstance(data, Mapping):
        raise InvalidValue(f"A table is a dict or a DataFrame, not a {type(data).__name__}.")
    try:
        scalars = all(pd.api.types.is_scalar(value) for value in data.values())
        return pd.DataFrame([data] if scalars else dict(data))
    except ValueError as error:
        raise InvalidValue(f"The table '{artifact_file}' cannot be made: {error}.") from error


def append(run: RunLog, frame: pd.DataFrame, artifact_file: str) -> None:
    """Add rows to a table of a run, which is made when it is new.

    Raises:
        InvalidValue: the file that is there is no table.
    """
    run.patience.write("tables", lambda: _append(run, frame, artifact_file))


def _append(run: RunLog, frame: pd.DataFrame, artifact_file: str) -> None:
    import pandas as pd

    # The transaction keeps others who add rows just now waiting: no row is lost.
    with run.store.transaction():
        known = _tables(run.store.runs.get(run.run_id))
        if artifact_file in known:
            old = read(run.artifacts.read(artifact_file), artifact_file)
            frame = pd.concat([old, frame], ignore_index=True)
        run.artifacts.write(artifact_file, _write(frame, artifact_file))
        paths = dict.fromkeys([*known, artifact_file])
        text = json.dumps([{"path": path, "type": "table"} for path in paths])
        if len(text) <= _LONGEST_TAG:
            run.store.runs.set_tags(run.run_id, {TAG: text})


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

    frames = [
        read(log.artifacts.read(artifact_file), artifact_file).assign(
            **{column: _column(run, column) for column in extra_columns}
        )
        for run, log in runs
        if artifact_file in _tables(run)
    ]
    if not frames:
        raise NotFound(f"None of {len(runs)} runs has a table '{artifact_file}'.")
    return pd.concat(frames, ignore_index=True)


def read(data: bytes, artifact_file: str) -> pd.DataFrame:
    """Return a table from its file.

    Raises:
        InvalidValue: it is none.
    """
    import pandas as pd

    try:
        if artifact_file.endswith(".parquet"):
            return pd.read_parquet(io.BytesIO(data))
        document = json.loads(data)
        return pd.DataFrame(document["data"], columns=document["columns"])
    except (ValueError, KeyError, TypeError, ImportError) as error:
        raise InvalidValue(f"The table '{artifact_file}' cannot be read: {error}.") from error


def _write(frame: pd.DataFrame, artifact_file: str) -> bytes:
    if artifact_file.endswith(".json"):
        text: str = frame.to_json(
            orient="split", index=False, date_format="iso", default_handler=str
        )
        return text.encode()
    try:
        data: bytes = frame.to_parquet(index=False)
    except ImportError as error:
        raise InvalidValue("Parquet needs pyarrow: pip install pyarrow") from error
    return data


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

        return pd.to_datetime(getattr(run.info, column), unit="ms", utc=True)
    if column in run.info.__struct_fields__:
        return getattr(run.info, column)
    raise InvalidValue(
        f"A run has no column '{column}'. Take run_id, start_time …, or params.…, metrics.…, tags.…"
    )
