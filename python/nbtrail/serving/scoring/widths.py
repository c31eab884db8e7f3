"""How wide a table may be: pandas takes minutes for a short body of a million columns."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nbtrail.errors import BadRequest
from nbtrail.models import Schema

UNKNOWN = 1000  # columns that a model does not take, and that are left out
MOST = 50_000  # columns for a model that does not say what it takes
_SPARSE = 10  # cells of a table for each value that was sent
_FREE = 1_000_000  # cells, however few values there are

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # bodies have a limit of their own


def check(columns: Collection[Any], schema: Schema | None) -> None:
    """Raise BadRequest for a table of far more columns than a model takes."""
    known = len(schema.columns) if schema else 0
    if len(columns) > (known + UNKNOWN if known else MOST):
        raise BadRequest("The table has far more columns than the model takes.")


def check_records(rows: Sequence[Mapping[Any, Any]], schema: Schema | None) -> None:
    """Raise BadRequest as `check`; also if rows with keys of their own make a large table."""
    columns = set().union(*rows)
    check(columns, schema)
    values = sum(map(len, rows))
    if len(rows) * len(columns) > _SPARSE * values + _FREE:
        raise BadRequest("The objects have too few keys in common to be rows of a table.")


def check_csv(body: bytes, schema: Schema | None) -> None:
    """Raise BadRequest as `check`; also if the first row has more values than there are columns.

    pandas would make an index of those.
    """
    try:
        lines = csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8", newline=""))
        header, first = next(lines, []), next(lines, [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadRequest("The body is not CSV with a header line.") from error
    check(header, schema)
    if len(first) > len(header):
        raise BadRequest("The first row of the CSV has more values than the header line.")
