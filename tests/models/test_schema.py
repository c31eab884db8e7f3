from __future__ import annotations

import pytest

from nbtrail.errors import InvalidValue
from nbtrail.models import ColSpec, ModelSignature, ParamSpec, Schema, TensorSpec

# As MLflow 3.17.2 wrote them.
WRITTEN = {
    "inputs": '[{"type": "double", "name": "alcohol", "required": true}, '
    '{"type": "string", "name": "note", "required": false}]',
    "outputs": '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]',
    "params": '[{"name": "k", "default": 1, "shape": null, "type": "long"}, '
    '{"name": "e", "default": [1, 2], "shape": [-1], "type": "long"}]',
}
NESTED = {
    "inputs": '[{"type": "array", "items": {"type": "long"}, "name": "l", "required": true}]',
    "outputs": '[{"name": "a", "type": "tensor", '
    '"tensor-spec": {"dtype": "float64", "shape": [-1, 3]}}]',
    "params": '[{"name": "g", "default": {"x": 1}, "shape": null, "type": "object", '
    '"properties": {"x": {"type": "long", "required": true}}}]',
}


@pytest.mark.parametrize("written", [WRITTEN, NESTED])
def test_what_mlflow_wrote_is_read_and_written_again_unchanged(written: dict[str, str]) -> None:
    assert ModelSignature.from_dict(written).to_dict() == written


def test_reads_columns_tensors_and_params() -> None:
    signature = ModelSignature.from_dict(WRITTEN)
    assert signature.inputs == Schema(
        [ColSpec("double", "alcohol"), ColSpec("string", "note", required=False)]
    )
    assert signature.outputs == Schema([TensorSpec("int64", (-1,))])
    assert signature.params == [
        ParamSpec("k", "long", 1),
        ParamSpec("e", "long", [1, 2], (-1,)),
    ]


def test_reads_the_older_optional() -> None:
    assert ColSpec.from_dict({"type": "long", "name": "a", "optional": True}).required is False


def test_nothing_stays_nothing() -> None:
    empty = {"inputs": None, "outputs": None, "params": None}
    assert ModelSignature.from_dict(empty).to_dict() == empty
    assert ModelSignature.from_dict({}) == ModelSignature()


@pytest.mark.parametrize("damage", ["[", "7", '{"type": 1}', '[{"name": "x"}]', '["x"]'])
def test_a_damaged_signature_is_one_sentence(damage: str) -> None:
    with pytest.raises(InvalidValue, match="signature is damaged"):
        ModelSignature.from_dict({"inputs": damage})
