"""The files of tables: JSON as MLflow has it (split), or Parquet.

JSON holds every value as it was given; pandas' own writer rounds floats to ten digits.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".json", ".parquet")
# What pandas and pyarrow raise for what a file cannot hold, or is not.
_REFUSALS = (ValueError, KeyError, TypeError, OverflowError, NotImplementedError)


def named(frame: pd.DataFrame, artifact_file: str) -> pd.DataFrame:
    """Return a table whose columns are named by texts, each by another one.

    Raises:
        InvalidValue: two columns have the same name, or one has several.
    """
    if frame.columns.nlevels > 1:
        raise InvalidValue(
            f"The table '{artifact_file}' has columns of several levels: give each one name."
        )
    frame = frame.set_axis([str(column) for column in frame.columns], axis="columns")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise InvalidValue(f"The table '{artifact_file}' has several columns {twice!r}.")
    return frame


def joined(old: pd.DataFrame, new: pd.DataFrame, artifact_file: str) -> pd.DataFrame:
    """Return the rows of both; in JSON an integer beside an empty cell stays an integer."""
    import pandas as pd

    frames = [named(old, artifact_file), new]
    if artifact_file.endswith(".json"):
        frames = [frame.astype(object) for frame in frames]
    return pd.concat(frames, ignore_index=True)


def read(data: bytes, artifact_file: str, *, as_written: bool = False) -> pd.DataFrame:
    """Return a table from its file.

    Args:
        data: what is in the file.
        artifact_file: its name.
        as_written: leave the cells of a JSON file as they are: integers with gaps are no floats.

    Raises:
        InvalidValue: it is none.
    """
    import pandas as pd

    try:
        if artifact_file.endswith(".parquet"):
            return pd.read_parquet(io.BytesIO(data))
        document = json.loads(data)
        rows, columns = document["data"], document["columns"]
        with suppress(UnicodeEncodeError):  # pandas' texts take no half of a surrogate pair
            return pd.DataFrame(rows, columns=columns, dtype=object if as_written else None)
        return pd.DataFrame(rows, columns=columns, dtype=object)
    except (*_REFUSALS, ImportError) as error:
        raise InvalidValue(f"The table '{artifact_file}' cannot be read: {error}.") from error


def write(frame: pd.DataFrame, artifact_file: str) -> bytes:
    """Return the file of a table.

    Raises:
        InvalidValue: it has what such a file cannot hold.
    """
    if artifact_file.endswith(".json"):
        rows = [[_plain(cell) for cell in row] for row in frame.to_dict("split")["data"]]
        return json.dumps({"columns": list(frame.columns), "data": rows}).encode()
    try:
        data: bytes = frame.to_parquet(index=False)
    except ImportError as error:
        raise InvalidValue("Parquet needs pyarrow: pip install pyarrow") from error
    except _REFUSALS as error:
        raise InvalidValue(
            f"The table '{artifact_file}' cannot be kept as Parquet: {error}. Make its columns "
            "of one type each, or log it as .json."
        ) from error
    return data


def _plain(cell: Any) -> Any:
    """Return what JSON has for a cell: nothing for what is missing, a text for what is unknown."""
    if hasattr(cell, "tolist"):  # numpy's
        cell = cell.tolist()
    if cell is None or isinstance(cell, str | bool | int):
        return cell
    if isinstance(cell, float):
        return None if math.isnan(cell) else cell
    if isinstance(cell, Mapping):
        return {str(key): _plain(value) for key, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(value) for value in cell]
    return _text(cell)


def _text(cell: Any) -> str | None:
    import pandas as pd

    if cell is pd.NaT or cell is pd.NA:
        return None
    return str(cell.isoformat() if hasattr(cell, "isoformat") else cell)
