"""Tables as Parquet and Arrow bodies, where pyarrow is installed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from nbtrail.errors import BadRequest, UnsupportedMediaType

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES = 1024**3  # of a table: a small file can say that it holds far more


def parquet(body: bytes) -> pd.DataFrame:
    """Read a Parquet file.

    Raises:
        BadRequest: it is none, or holds more than is read.
        UnsupportedMediaType: pyarrow is not installed.
    """
    arrow = _arrow()
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(body))
        about = file.metadata
        size = sum(about.row_group(n).total_byte_size for n in range(about.num_row_groups))
        if size > MOST_BYTES:
            raise BadRequest("The table is larger than what is read.")
        return _frame(file.read())
    except (arrow.ArrowException, OSError) as error:
        raise BadRequest("The body is not a Parquet file.") from error


def arrow(body: bytes) -> pd.DataFrame:
    """Read an Arrow stream; raises as `parquet` does."""
    known = _arrow()
    from pyarrow import ipc

    try:
        with ipc.open_stream(io.BytesIO(body)) as stream:
            return _frame(stream.read_all())
    except (known.ArrowException, OSError) as error:
        raise BadRequest("The body is not an Arrow stream.") from error


def _frame(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _arrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise UnsupportedMediaType(
            "Parquet and Arrow need pyarrow, which this endpoint has not got: send JSON."
        ) from error
    return pa.lib
