"""JSON schemas of what an endpoint takes and gives: all that fits one is accepted."""

from __future__ import annotations

from typing import Any

import msgspec

from nbtrail.models import ColSpec, TensorSpec
from nbtrail.models.signatures.schema import ParamSpec
from nbtrail.serving.scoring.protocol import FIELDS
from nbtrail.serving.scoring.service import Scorer

Json = dict[str, Any]
ARGUMENTS = "Arguments"
_REFERENCE = "#/components/schemas/{name}"


def _whole(bits: int) -> Json:
    most = 2 ** (bits - 1)
    return {"type": "integer", "minimum": -most, "maximum": most - 1, "format": f"int{bits}"}


_TYPES: dict[str, Json] = {
    "double": {"type": "number", "format": "double"},
    "float": {"type": "number", "format": "float"},
    "long": _whole(64),
    "integer": _whole(32),
    "boolean": {"type": "boolean"},
    "string": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": "string", "format": "date-time"},
}
_DTYPES = {
    **{f"float{bits}": {"type": "number"} for bits in (16, 32, 64)},
    **{f"int{bits}": _whole(bits) for bits in (8, 16, 32, 64)},
    "bool": {"type": "boolean"},
}
# A missing value has no other form in JSON; NaN and infinity are given so, too.
_NULL = {"type": "null"}


def of_predict(scorer: Scorer) -> tuple[Json, Json, Json]:
    """Return what ``/predict`` takes and gives, and the schemas that these refer to."""
    if scorer.function is None:
        return (
            _form("inputs", _inputs(scorer), scorer),
            _object({"predictions": _outputs(scorer)}),
            {},
        )
    types = [scorer.function.arguments, scorer.function.result]
    (taken, result), named = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    return taken, _object({"result": _with_null(result)}), named


def of_invocations(scorer: Scorer) -> tuple[Json, Json]:
    """Return what ``/invocations`` takes, in MLflow's forms, and gives."""
    inputs = _inputs(scorer)
    forms = {"inputs": inputs, "instances": inputs}
    if not (schema := scorer.model.inputs) or not schema.tensors:
        forms["dataframe_records"] = _rows(scorer)
    if (split := _split(scorer)) is not None:
        forms["dataframe_split"] = split
    known = [_form(name, form, scorer) for name, form in forms.items()]
    return {"anyOf": known}, _object({"predictions": _outputs(scorer)})


def _form(name: str, form: Json, scorer: Scorer) -> Json:
    """Return the schema of a body in one of MLflow's forms: what it does not know is ignored."""
    others: Json = {other: False for other in FIELDS if other != name}
    properties = {name: form, **others, "params": _params(scorer)}
    return {"type": "object", "properties": properties, "required": [name]}


def _object(properties: Json) -> Json:
    told = {"type": "object", "properties": properties, "required": list(properties)}
    return {**told, "additionalProperties": False}


def _inputs(scorer: Scorer) -> Json:
    """Return the schema of ``inputs`` and ``instances``: one row, or several."""
    if scorer.function is not None:  # an object with lists in it would be read as columns
        return _rows(scorer)
    schema = scorer.model.inputs
    if schema is None or not schema.is_named or schema.tensors:
        return _rows(scorer)
    plain = {"type": ["string", "number", "boolean", "null"]}  # lists would be columns
    return {"anyOf": [{**_row(schema.columns), "additionalProperties": plain}, _rows(scorer)]}


def _rows(scorer: Scorer) -> Json:
    schema = scorer.model.inputs
    if scorer.function is not None:
        return {"type": "array", "items": {"$ref": _REFERENCE.format(name=ARGUMENTS)}}
    if schema is None:
        return {}
    if schema.tensors:
        return _tensor(schema.tensors[0]) if len(schema.tensors) == 1 else {}
    if schema.is_named:
        return _some(_row(schema.columns))
    return _some(_of(schema.columns[0]) if len(schema.columns) == 1 else _tuple(schema.columns))


def _some(item: Json) -> Json:
    return {"type": "array", "items": item, "minItems": 1}


def _row(columns: list[ColSpec]) -> Json:
    """Columns that the model does not take are left out."""
    return {
        "type": "object",
        "properties": {str(one.name): _of(one) for one in columns},
        "required": [str(one.name) for one in columns if one.required],
    }


def _split(scorer: Scorer) -> Json | None:
    schema = scorer.model.inputs
    if schema is None or not schema.columns or not schema.is_named:
        return None
    columns = [{"const": name} for name in schema.input_names()]
    return _object({"columns": _exactly(columns), "data": _some(_tuple(schema.columns))})


def _tuple(columns: list[ColSpec]) -> Json:
    return _exactly([_of(one) for one in columns])


def _exactly(items: list[Json]) -> Json:
    known = {"type": "array", "prefixItems": items, "items": False}
    return {**known, "minItems": len(items), "maxItems": len(items)}


def _of(column: ColSpec) -> Json:
    known = _TYPES.get(column.type, {})
    return _with_null(known) if known and not column.required else known


def _with_null(known: Json) -> Json:
    """Let null be where a number may be none."""
    return {"anyOf": [known, _NULL]} if known.get("type") != "null" and known else known


def _tensor(spec: TensorSpec) -> Json:
    if -1 in spec.shape[1:]:  # rows of one length: no schema can say that
        return {}
    told: Json = _DTYPES.get(spec.type, {})
    for size in reversed(spec.shape):
        many = {"minItems": 1} if size == -1 else {"minItems": size, "maxItems": size}
        told = {"type": "array", "items": told, **many}
    return told


def _params(scorer: Scorer) -> Json:
    signature = scorer.model.signature
    declared = (signature.params if signature else None) or []
    known = {one.name: _param(one) for one in declared}
    return {"anyOf": [{"type": "object", "properties": known}, _NULL]}


def _param(spec: ParamSpec) -> Json:
    known = _TYPES.get(spec.dtype, {})
    return known if spec.shape is None else {"type": "array", "items": known}


def _outputs(scorer: Scorer) -> Json:
    signature = scorer.model.signature
    schema = signature.outputs if signature else None
    if schema is None or not schema.columns or not schema.is_named:
        return {}
    columns = {str(one.name): _with_null(_TYPES.get(one.type, {})) for one in schema.columns}
    row = {"type": "object", "properties": columns}
    return {"anyOf": [row, {"type": "array", "items": row}]}
