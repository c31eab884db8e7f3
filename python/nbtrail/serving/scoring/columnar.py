"""Tables as Parquet and Arrow bodies, where pyarrow is installed; none that bursts the memory.

A body of some bytes can say that it holds as many gigabytes, in honest compression: what it will
come to is looked up, or found out piece by piece, before it is made.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbtrail.errors import BadRequest, UnsupportedMediaType
from nbtrail.serving.scoring import widths

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES = 1024**3  # of a table
_CELL = 8  # bytes that a value takes in memory, at least
_ROWS = 1024  # read at once
_INDEX = "__index_level_"


class TooLarge(BadRequest):
    """A table that would not fit."""

    http_status = 413


def parquet(body: bytes) -> pd.DataFrame:
    """Read a Parquet file.

    Raises:
        BadRequest: it is none.
        TooLarge: it holds more than is read.
        UnsupportedMediaType: pyarrow is not installed.
    """
    pa = _arrow()
    import pyarrow.parquet as pq

    with _told_as("a Parquet file"):
        file = pq.ParquetFile(io.BytesIO(body))
        about = file.metadata
        groups = (about.row_group(number) for number in range(about.num_row_groups))
        _check(sum(one.total_byte_size for one in groups), about.num_rows, about.num_columns)
        return _frame(pa.Table.from_batches(_some(file), file.schema_arrow))


def _some(file: Any) -> Iterator[Any]:
    """Yield what is in a file: its own figures need not be true."""
    size = rows = 0
    for batch in file.iter_batches(_ROWS):
        size, rows = size + batch.nbytes, rows + batch.num_rows
        _check(size, rows, batch.num_columns)
        yield batch


def arrow(body: bytes) -> pd.DataFrame:
    """Read an Arrow stream; raises as `parquet` does."""
    _arrow()
    from pyarrow import ipc

    with _told_as("an Arrow stream"):
        _check(sum(_unpacked(one) for one in ipc.MessageReader.open_stream(body)), 0, 0)
        with ipc.open_stream(body) as stream:
            table = stream.read_all()
        _check(table.nbytes, table.num_rows, table.num_columns)
        table.validate(full=True)  # offsets that lead elsewhere would end the process
        return _frame(table)


@contextmanager
def _told_as(what: str) -> Iterator[None]:
    """Damaged bodies make pyarrow raise all sorts of errors."""
    try:
        yield
    except BadRequest:
        raise
    except Exception as error:
        raise BadRequest(f"The body is not {what}.") from error


def _unpacked(message: Any) -> int:
    """Return the bytes that the buffers of a message say they are, once unpacked."""
    if message.type not in {"record batch", "dictionary"}:
        return 0
    metadata, body = bytes(message.metadata), memoryview(message.body)
    batch = _table(metadata, _root(metadata), 2)
    if message.type == "dictionary":
        batch = _table(metadata, batch, 1)
    if not _field(metadata, batch, 3):  # nothing is packed
        return len(body)
    return sum(_size(body[begin : begin + 8]) for begin in _buffers(metadata, batch))


def _size(prefix: memoryview) -> int:
    """Return the size before a packed buffer; there is none before an empty one."""
    return max(struct.unpack("<q", prefix)[0], 0) if len(prefix) == 8 else 0


def _buffers(metadata: bytes, batch: int) -> Iterator[int]:
    """Yield where the buffers begin that are not empty."""
    vector = _table(metadata, batch, 2)
    (many,) = struct.unpack_from("<I", metadata, vector)
    for number in range(many):
        begin, length = struct.unpack_from("<qq", metadata, vector + 4 + 16 * number)
        if length:
            yield begin


def _root(metadata: bytes) -> int:
    return int(struct.unpack_from("<I", metadata)[0])


def _field(metadata: bytes, table: int, number: int) -> int:
    """Return where a field of a flatbuffer's table is; 0 if it is not there."""
    vtable = table - struct.unpack_from("<i", metadata, table)[0]
    (length,) = struct.unpack_from("<H", metadata, vtable)
    if 4 + 2 * number >= length:
        return 0
    (offset,) = struct.unpack_from("<H", metadata, vtable + 4 + 2 * number)
    return table + offset if offset else 0


def _table(metadata: bytes, table: int, number: int) -> int:
    """Return where a field leads."""
    at = _field(metadata, table, number)
    return at + int(struct.unpack_from("<I", metadata, at)[0])


def _check(size: int, rows: int, columns: int) -> None:
    if max(size, rows * columns * _CELL) > MOST_BYTES or columns > widths.MOST:
        raise TooLarge("The table is larger than what is read.")


def _frame(table: Any) -> pd.DataFrame:
    # What pandas has noted in it is not needed, and anybody's: an index is no column.
    names = [one for one in table.column_names if not one.startswith(_INDEX)]
    frame: pd.DataFrame = table.select(names).to_pandas(ignore_metadata=True)
    return frame


def _arrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise UnsupportedMediaType(
            "Parquet and Arrow need pyarrow, which this endpoint has not got: send JSON."
        ) from error
    return pa
