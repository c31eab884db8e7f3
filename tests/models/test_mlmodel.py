from __future__ import annotations

from pathlib import Path

import pytest

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import MLmodel, infer_signature

# Written by mlflow.sklearn.log_model 3.17.2.
WRITTEN = """\
artifact_path: file:///somewhere/m-c02b7aff1d6d4ed3b262420480c0ceed/artifacts
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.skops
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.skops
    serialization_format: skops
    sklearn_version: 1.9.1
    skops_trusted_types: null
is_signature_from_type_hint: false
mlflow_version: 3.17.2
model_id: m-c02b7aff1d6d4ed3b262420480c0ceed
model_size_bytes: 6223
model_uuid: m-c02b7aff1d6d4ed3b262420480c0ceed
prompts: null
run_id: 0dfcb2abbbf047189e2672fa3d3d2cb5
signature:
  inputs: '[{"type": "double", "name": "alcohol", "required": true}, {"type": "double",
    "name": "ash", "required": true}]'
  outputs: null
  params: null
utc_time_created: '2026-11-21 22:07:49.121435'
"""


def test_reads_what_mlflow_wrote(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(WRITTEN)
    about = MLmodel.read(tmp_path)
    assert about.run_id == "0dfcb2abbbf047189e2672fa3d3d2cb5"
    assert about.flavors["sklearn"]["serialization_format"] == "skops"
    assert about.signature is not None
    assert about.signature.inputs is not None
    assert about.signature.inputs.input_names() == ["alcohol", "ash"]


def test_reads_what_it_wrote(tmp_path: Path) -> None:
    signature = infer_signature(params={"grün": 1}).to_dict()
    about = MLmodel(flavors={"python_function": {"loader_module": "x"}}, signature_dict=signature)
    about.write(tmp_path)
    assert MLmodel.read(tmp_path) == about


@pytest.mark.parametrize(
    "damage",
    [
        "flavors: [",
        "just text",
        "flavors: 7",
        "{}",
        "flavors: !!python/object/apply:os.system ['touch built']",
        "\x00",
        "[" * 5000,
    ],
)
def test_a_damaged_file_is_one_sentence_and_builds_nothing(damage: str, tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(damage)
    with pytest.raises(InvalidValue, match="is damaged"):
        MLmodel.read(tmp_path)
    assert not Path("built").exists()


def test_a_directory_without_the_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NotFound, match="no MLmodel file"):
            MLmodel.read(path)
