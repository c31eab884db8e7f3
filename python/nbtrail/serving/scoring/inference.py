"""The Open Inference Protocol, version 2: tensors by name, in JSON or in bytes behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from nbtrail.errors import BadRequest, NotFound
from nbtrail.models import ColSpec, Schema, TensorSpec
from nbtrail.models.signatures.jsonable import encode
from nbtrail.serving.scoring import widths
from nbtrail.serving.scoring.arrays import array_of
from nbtrail.serving.scoring.service import Scorer, Service

if TYPE_CHECKING:
    import numpy as np

PLATFORM = "nbtrail"
_DTYPES = {
    **{
        f"{kind}{bits}": f"{kind.lower()}{bits}"
        for kind in ("INT", "UINT")
        for bits in (8, 16, 32, 64)
    },
    "BOOL": "bool",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
    "BYTES": "object",
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_OF_COLUMN = {
    "double": "FP64",
    "float": "FP32",
    "long": "INT64",
    "integer": "INT32",
    "boolean": "BOOL",
}


class Tensor(msgspec.Struct):
    """One tensor of a request."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] = {}


class Inference(msgspec.Struct):
    """A request."""

    inputs: list[Tensor]
    id: str | None = None
    parameters: dict[str, Any] = {}
    outputs: list[dict[str, Any]] = []


def check_name(service: Service, name: str, version: str | None = None) -> None:
    """Raise NotFound unless that is what the endpoint serves."""
    if name != service.name or version not in {None, *versions(service)}:
        raise NotFound("This endpoint serves no such model.")


def versions(service: Service) -> list[str]:
    """Return the versions that are served: of the registry where the model has one, else 1."""
    return [_version(scorer) for scorer in service.scorers]


def about(service: Service) -> dict[str, Any]:
    """Return the metadata of the model."""
    model = service.scorers[0].model
    inputs = _tensors(model.inputs, "input")
    outputs = _tensors(model.signature.outputs if model.signature else None, "output")
    known = {"name": service.name, "versions": versions(service), "platform": PLATFORM}
    return known | {"inputs": inputs, "outputs": outputs}


def infer(scorer: Scorer, body: bytes, json_length: str | None, name: str) -> bytes:
    """Answer one inference.

    Raises:
        BadRequest: the body is no inference, or its tensors are not what they say.
        InvalidValue: the tensors do not fit the model's signature.
    """
    end = int(json_length) if json_length and json_length.isdecimal() else len(body)
    try:
        asked = msgspec.json.decode(body[:end], type=Inference)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The body is not an inference request of protocol V2.") from error
    rest = memoryview(body)[end:]
    arrays = {}
    for tensor in asked.inputs:
        size = tensor.parameters.get("binary_data_size")
        taken, rest = (rest[:size], rest[size:]) if isinstance(size, int) else (None, rest)
        arrays[tensor.name] = _array(tensor, taken)
    found = scorer.predict(_data(arrays, scorer))
    answer = {"model_name": name, "model_version": _version(scorer), "outputs": _outputs(found)}
    return encode(answer | ({"id": asked.id} if asked.id else {}))


def _version(scorer: Scorer) -> str:
    last = scorer.uri.rsplit("/", 1)[-1]
    return last if scorer.uri.startswith("models:/") and last.isdecimal() else "1"


def _tensors(schema: Schema | None, default: str) -> list[dict[str, Any]]:
    told = []
    specs: list[ColSpec | TensorSpec] = list(schema.inputs) if schema else []
    for number, spec in enumerate(specs):
        if isinstance(spec, ColSpec):
            dtype, shape = _OF_COLUMN.get(spec.type), [-1]
        else:
            dtype, shape = _NAMES.get(spec.type), list(spec.shape)
        name = str(spec.name if spec.name is not None else f"{default}-{number}")
        told.append({"name": name, "datatype": dtype or "BYTES", "shape": shape})
    return told


def _array(tensor: Tensor, content: memoryview | None) -> np.ndarray[Any, Any]:
    import numpy as np

    dtype = _DTYPES.get(tensor.datatype)
    if dtype is None:
        raise BadRequest("A tensor has a datatype that protocol V2 does not know.")
    if any(one < 0 for one in tensor.shape):
        raise BadRequest("The shape of a tensor has a negative number.")
    try:
        if content is None:
            found = array_of(tensor.data, dtype)
        elif dtype == "object":
            found = np.array(_texts(content), dtype=dtype)
        else:
            found = np.frombuffer(content, dtype=dtype)
        if found.size != math.prod(tensor.shape):
            raise BadRequest("The data of a tensor do not fill its shape.")
        return found.reshape(tensor.shape)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        if isinstance(error, BadRequest):
            raise
        raise BadRequest("The data of a tensor are not of its datatype.") from error


def _texts(content: memoryview) -> list[str]:
    """Return texts that are sent as their lengths, four bytes each, and their bytes."""
    found, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "little")
        found.append(bytes(content[at + 4 : at + 4 + length]).decode())
        at += 4 + length
    return found


def _data(arrays: dict[str, np.ndarray[Any, Any]], scorer: Scorer) -> Any:
    """Return what the model takes: a table by columns or rows, an array, or arrays by name."""
    import pandas as pd

    schema = scorer.model.inputs
    only = next(iter(arrays.values())) if len(arrays) == 1 else None
    if schema is None or schema.tensors:
        named = schema is not None and schema.is_named
        return only if only is not None and not named else arrays
    names = schema.input_names()
    widths.check(arrays, schema)
    if only is not None and only.ndim == 2 and only.shape[1] == len(schema.columns) > 1:
        return pd.DataFrame(only, columns=names or None)
    if any(one.ndim == 0 or one.size != one.shape[0] for one in arrays.values()):
        raise BadRequest("Send each column as a tensor of one dimension.")
    try:
        return pd.DataFrame({name: one.reshape(-1) for name, one in arrays.items()})
    except ValueError as error:
        raise BadRequest("The columns are not of one length.") from error


def _outputs(found: Any) -> list[dict[str, Any]]:
    import numpy as np
    import pandas as pd

    if isinstance(found, pd.DataFrame):
        found = {str(name): values for name, values in found.items()}
    columns = found if isinstance(found, dict) else {"predictions": found}
    told = []
    for name, values in columns.items():
        array = np.asarray(values)
        datatype = _NAMES.get(str(array.dtype), "BYTES")
        flat = array.reshape(-1).tolist()
        data = [str(one) for one in flat] if datatype == "BYTES" else flat
        told.append({"name": name, "shape": list(array.shape), "datatype": datatype, "data": data})
    return told
