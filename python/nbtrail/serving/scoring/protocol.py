"""MLflow's scoring protocol: a request body into data for `predict`, predictions into an answer.

Errors say what is wrong with a body and never repeat any of it.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import msgspec

from nbtrail.errors import BadRequest, UnsupportedMediaType
from nbtrail.models import Schema, TensorSpec
from nbtrail.models.signatures.enforcement import as_frame
from nbtrail.models.signatures.jsonable import encode
from nbtrail.serving.scoring import columnar, widths
from nbtrail.serving.scoring.arrays import array_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

JSON, CSV = "application/json", "text/csv"
FIELDS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_NO_SPLIT = (
    "'dataframe_split' must be an object with columns, data and maybe index, and each "
    "row of the data must have a value for each column."
)
_ONE_FIELD = f"The body must be a JSON object with exactly one of {', '.join(FIELDS)}"


class Request(msgspec.Struct, frozen=True):
    """What a body asks to predict: a DataFrame, an array or a dict of arrays, and params."""

    data: Any
    params: dict[str, Any] | None = None


class _Split(msgspec.Struct, forbid_unknown_fields=True):
    """The content of ``dataframe_split``."""

    data: list[Any]
    columns: list[str | int | float | tuple[str | int | float, ...]] | None = None
    index: list[str | int | float] | None = None


def parse(body: bytes, content_type: str | None, schema: Schema | None) -> Request:
    """Read the body of an invocation. No content type counts as JSON.

    Args:
        body: as it was sent.
        content_type: the header, if there was one.
        schema: the model's inputs, which say what JSON cannot (dates, bytes, tensors).

    Raises:
        UnsupportedMediaType: the content type is none of JSON, CSV (in UTF-8), Parquet and Arrow.
        BadRequest: the body is not what its content type and MLflow's protocol ask for.
    """
    match _media_type(content_type):
        case "application/json":
            return _parse_json(body, schema)
        case "text/csv":
            return Request(_parse_csv(body, schema))
        case "application/vnd.apache.parquet" | "application/x-parquet":
            return Request(_adapt(columnar.parquet(body), schema))
        case "application/vnd.apache.arrow.stream":
            return Request(_adapt(columnar.arrow(body), schema))
    raise UnsupportedMediaType(f"Send the body as {JSON}, {CSV}, Parquet or an Arrow stream.")


def answer(predictions: Any) -> bytes:
    """Return the JSON body that carries predictions; NaN becomes null.

    Raises:
        TypeError: they hold an object that has no JSON form.
    """
    return encode({"predictions": predictions})


def frame_of(names: list[str], rows: list[Any]) -> pd.DataFrame:
    """Return rows that were read already as a DataFrame."""
    import pandas as pd

    return pd.DataFrame(rows, columns=names)


def _media_type(content_type: str | None) -> str:
    media_type, *parameters = (part.strip() for part in (content_type or JSON).lower().split(";"))
    for parameter in filter(None, parameters):
        name, _, value = parameter.partition("=")
        if name.strip() != "charset" or value.strip(' "') not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType("The only parameter of a content type is charset=utf-8.")
    return media_type


def is_json(content_type: str | None) -> bool:
    """Say whether a body is JSON; raises UnsupportedMediaType for what is nothing known."""
    return _media_type(content_type) == JSON


def rows_of(body: bytes) -> list[dict[str, Any]]:
    """Read the JSON body of an invocation as rows, each value as it was sent.

    Raises:
        BadRequest: it is not what MLflow's protocol asks for, or no table.
    """
    field, content, _ = _form_of(body)
    if field == "dataframe_split":
        content = _rows_of_split(content)
    if field == "inputs" and isinstance(content, dict):
        content = _rows_of_columns(content)
    if not _are_records(content):
        raise BadRequest(f"'{field}' must be a list of objects, one for each call.")
    rows: list[dict[str, Any]] = content
    return rows


def _rows_of_split(content: Any) -> list[dict[Any, Any]]:
    try:
        split = msgspec.convert(content, _Split)
        return [dict(zip(split.columns or (), row, strict=True)) for row in split.data]
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise BadRequest(_NO_SPLIT) from error


def _rows_of_columns(content: dict[str, Any]) -> list[dict[str, Any]]:
    if not any(isinstance(values, list) for values in content.values()):
        return [content]
    try:
        return [dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)]
    except (ValueError, TypeError) as error:
        raise BadRequest("The columns in 'inputs' must be lists of one length.") from error


def _parse_json(body: bytes, schema: Schema | None) -> Request:
    field, content, params = _form_of(body)
    return Request(_READERS[field](content, schema), params)


def _form_of(body: bytes) -> tuple[str, Any, dict[str, Any] | None]:
    """Return which form a body is in, its content, and the params."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error
    if not isinstance(content, dict):
        raise BadRequest(f"{_ONE_FIELD}; it is not an object.")
    given = [field for field in FIELDS if field in content]
    if len(given) != 1:
        raise BadRequest(f"{_ONE_FIELD}; it has {' and '.join(given) or 'none of them'}.")
    params = content.get("params")
    if params is not None and not isinstance(params, dict):
        raise BadRequest("'params' must be an object.")
    return given[0], content[given[0]], params


def _read_split(content: Any, schema: Schema | None) -> pd.DataFrame:
    import pandas as pd

    try:
        split = msgspec.convert(content, _Split)
        widths.check(split.columns or (), schema)
        frame = pd.DataFrame(split.data, columns=split.columns, index=split.index)
    except BadRequest:
        raise
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise BadRequest(_NO_SPLIT) from error
    return _adapt(frame, schema)


def _read_records(content: Any, schema: Schema | None) -> pd.DataFrame:
    import pandas as pd

    if not _are_records(content):
        raise BadRequest("'dataframe_records' must be a list of objects.")
    widths.check_records(content, schema)
    return _adapt(pd.DataFrame(content), schema)


def _read_instances(content: Any, schema: Schema | None) -> Any:
    """Rows: of a table, or of the arrays that the model takes; as by MLflow also columns."""
    if not isinstance(content, list | dict):
        raise BadRequest("'instances' must be a list.")
    if _are_records(content) and content and schema is not None and schema.tensors:
        names = content[0].keys()
        if any(row.keys() != names for row in content):
            raise BadRequest("The objects in 'instances' must all have the same keys.")
        content = {name: [row[name] for row in content] for name in names}
    return _read_inputs(content, schema)


def _read_inputs(content: Any, schema: Schema | None) -> Any:
    """A table by columns, rows, or arrays, as the model's signature tells."""
    if schema is not None and schema.tensors:
        return _arrays(content, schema)
    if isinstance(content, dict) or _are_records(content):
        widths.check_records([content] if isinstance(content, dict) else content, schema)
        return _adapt(as_frame(content), schema)
    if schema is None:
        return _array(content, None)
    names = schema.input_names()
    single = len(names) == 1 and isinstance(content, list)
    return _adapt(as_frame({names[0]: content} if single else content), schema)


def _arrays(content: Any, schema: Schema) -> Any:
    if not schema.is_named:
        return _array(content, schema.tensors[0])
    specs = {spec.name: spec for spec in schema.tensors}
    if not isinstance(content, dict):
        if len(specs) > 1:
            raise BadRequest("The model takes several arrays: send an object with one for each.")
        content = dict.fromkeys(specs, content)
    return {name: _array(value, specs.get(name)) for name, value in content.items()}


def _array(content: Any, spec: TensorSpec | None) -> np.ndarray[Any, Any]:
    try:
        return array_of(content, spec.type if spec else None)
    except (ValueError, TypeError, OverflowError) as error:
        wanted = f" of {spec.type}" if spec else ""
        raise BadRequest(
            f"The lists do not make an array{wanted} with rows of one length."
        ) from error


def _are_records(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(row, dict) for row in content)


_READERS = {
    "dataframe_split": _read_split,
    "dataframe_records": _read_records,
    "instances": _read_instances,
    "inputs": _read_inputs,
}


def _parse_csv(body: bytes, schema: Schema | None) -> pd.DataFrame:
    import pandas as pd

    widths.check_csv(body, schema)
    strings = {
        column.name: "str"  # else "007" would become a number
        for column in (schema.columns if schema else [])
        if column.type in {"string", "binary"} and column.name is not None
    }
    try:
        frame = pd.read_csv(io.BytesIO(body), dtype=strings)
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        raise BadRequest("The body is not CSV with a header line.") from error
    return _adapt(frame, schema)


def _adapt(frame: pd.DataFrame, schema: Schema | None) -> pd.DataFrame:
    """Turn what JSON and CSV cannot say, dates, bytes and short floats, into what is meant."""
    if schema is None or not frame.columns.is_unique:
        return frame
    frame = _labelled(frame, schema)
    for column in schema.columns:
        adapt = _ADAPT.get(column.type)
        if adapt is None or column.name not in frame.columns:
            continue
        try:
            frame[column.name] = adapt(frame[column.name])
        except (ValueError, TypeError, OverflowError) as error:  # binascii's are ValueErrors
            raise BadRequest(f"Column '{column.name}' cannot be read as {column.type}.") from error
    return frame


def _labelled(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Keys of JSON and headers of CSV are text, where the model's names may be numbers."""
    meant = {str(name): name for name in schema.input_names() if not isinstance(name, str)}
    if not meant or any(name in frame.columns for name in meant.values()):
        return frame
    return frame.rename(columns=meant)


def _to_float32(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype("float32") if values.dtype.kind in "iuf" else values


def _to_float64(values: pd.Series[Any]) -> pd.Series[Any]:
    """JSON has one kind of number: 2**60 is meant as a double where one is asked for."""
    if values.dtype.kind in "iu":
        return values.astype("float64")
    if values.dtype.kind != "O":
        return values
    return values.map(lambda one: float(one) if type(one) is int else one).infer_objects()


def _to_datetime(values: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.to_datetime(values)


def _to_bytes(values: pd.Series[Any]) -> pd.Series[Any]:
    def decode(text: object) -> object:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else text

    return values.astype(object).map(decode)


_ADAPT = {
    "double": _to_float64,
    "float": _to_float32,
    "datetime": _to_datetime,
    "binary": _to_bytes,
}
