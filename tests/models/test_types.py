"""MLflow's words for what a signature is made of."""

from __future__ import annotations

import json

import numpy as np
from nbtrail.models.signature import ModelSignature
from nbtrail.types import ParamSchema
from nbtrail.types.schema import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    Property,
    Schema,
    TensorSpec,
)

import nbtrail as mlflow

# Each part is what MLflow 3.17.2 writes for the same words.
COLUMNS = [
    (ColSpec("double", "a"), {"type": "double", "name": "a", "required": True}),
    (ColSpec(DataType.long, "b"), {"type": "long", "name": "b", "required": True}),
    (
        ColSpec(Array(DataType.string), "c", required=False),
        {"type": "array", "items": {"type": "string"}, "name": "c", "required": False},
    ),
    (
        ColSpec(
            Object(
                [
                    Property("x", DataType.double),
                    Property("y", Array(DataType.long), required=False),
                ]
            ),
            "o",
        ),
        {
            "type": "object",
            "properties": {
                "x": {"type": "double", "required": True},
                "y": {"type": "array", "items": {"type": "long"}, "required": False},
            },
            "name": "o",
            "required": True,
        },
    ),
    (
        ColSpec(Map("string"), "m"),
        {"type": "map", "values": {"type": "string"}, "name": "m", "required": True},
    ),
    (ColSpec(AnyType(), "z"), {"type": "any", "name": "z", "required": True}),
]


def test_a_signature_in_mlflows_words() -> None:
    signature = ModelSignature(
        inputs=Schema([column for column, _ in COLUMNS]),
        outputs=Schema([TensorSpec(np.dtype(np.float32), (-1, 3))]),
        params=ParamSchema([mlflow.types.ParamSpec("k", DataType.integer, 3)]),
    )
    written = signature.to_dict()
    assert json.loads(str(written["inputs"])) == [written for _, written in COLUMNS]
    assert json.loads(str(written["outputs"])) == [
        {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}
    ]
    assert json.loads(str(written["params"])) == [
        {"name": "k", "default": 3, "shape": None, "type": "integer"}
    ]
    assert ModelSignature.from_dict(written) == signature


def test_it_is_one_module_by_both_names() -> None:
    assert mlflow.types.schema.Array is Array
    assert mlflow.types.Schema is Schema
    assert Schema([ColSpec("double", "a")]).input_types() == ["double"]
