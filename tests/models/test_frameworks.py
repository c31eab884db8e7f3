"""Every flavor: saved, loaded in a fresh process by nbtrail and by MLflow, and the other way."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import frameworks
from nbtrail.errors import InvalidValue
from nbtrail.models import flavors, load_model, load_native, save_model, seal
from nbtrail.models.convert import to_onnx

pytestmark = [pytest.mark.full, pytest.mark.filterwarnings("default")]

NAMES = (
    "sklearn xgboost lightgbm catboost statsmodels onnx pytorch pytorch_of_a_table "
    "pytorch_as_weights pytorch_of_several pytorch_of_a_dict keras transformers pyfunc"
).split()
NOT_MLFLOWS = {"pytorch_of_several", "pytorch_of_a_dict"}  # it takes tables and arrays
MLFLOWS = "sklearn xgboost lightgbm catboost statsmodels onnx pytorch keras transformers".split()
CODE_RUNS = {"statsmodels", "pyfunc", *(name for name in NAMES if name.startswith("pytorch"))}
SETTINGS = {"KERAS_BACKEND": "torch", "HF_HUB_OFFLINE": "1"}

PREDICT = """
import os, pickle, sys
os.environ.update(%r)
with open("data.pkl", "rb") as file:
    data = pickle.load(file)
if sys.argv[1] == "mlflow":
    import mlflow
    made = mlflow.pyfunc.load_model("model").predict(data)
else:
    import nbtrail
    made = nbtrail.load_model("model").predict(data)
with open("made.pkl", "wb") as file:
    pickle.dump(made, file)
"""


def fresh(loader: str, data: Any) -> Any:
    """Return what the model in ``model`` predicts when a fresh process loads it."""
    Path("data.pkl").write_bytes(pickle.dumps(data))
    program = PREDICT % SETTINGS
    command = [sys.executable, "-c", program, loader]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pickle.loads(Path("made.pkl").read_bytes())


def assert_equal(made: Any, expected: Any) -> None:
    assert type(made) is type(expected)
    if isinstance(expected, dict):
        assert made.keys() == expected.keys()
        for key, value in expected.items():
            assert_equal(made[key], value)
        return
    given, wanted = np.asarray(made), np.asarray(expected)
    if wanted.dtype.kind in "OUS":  # rows of labels and scores
        assert given.astype(str)[:, 0].tolist() == wanted.astype(str)[:, 0].tolist()
    else:
        assert np.allclose(given, wanted, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_saved_here_loaded_there(name: str, workdir: Path) -> None:
    model, data, options = getattr(frameworks, name)()
    save_model(model, "model", input_example=data, **options)
    flavor = flavors.for_model(model)
    expected = flavor.predictor(model).predict(data)  # type: ignore[attr-defined]
    assert_equal(fresh("nbtrail", data), expected)
    if name not in NOT_MLFLOWS:
        assert_equal(fresh("mlflow", data), expected)
    if name in CODE_RUNS:
        with pytest.raises(InvalidValue, match="not safe"):
            load_model("model", safe=True)
    else:
        assert_equal(load_model("model", safe=True).predict(data), expected)
    assert load_native("model") is not None


@pytest.mark.parametrize("name", MLFLOWS)
def test_saved_by_mlflow_loaded_here(name: str, workdir: Path) -> None:
    import mlflow

    model, data, _ = getattr(frameworks, name)()
    # MLflow's Keras flavor looks for the example's file before it is there.
    example = {} if name == "keras" else {"input_example": data}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        getattr(mlflow, name).save_model(model, "model", pip_requirements=[], **example)
    expected = mlflow.pyfunc.load_model("model").predict(data)
    assert_equal(fresh("nbtrail", data), expected)


def test_mlflows_functions_and_classes_are_loaded_here(workdir: Path) -> None:
    import mlflow

    def shout(texts: list[str]) -> list[str]:
        return [text.upper() for text in texts]

    mlflow.pyfunc.save_model("model", python_model=shout, input_example=["a"])
    assert fresh("nbtrail", ["a", "b"]) == ["A", "B"]


@pytest.mark.parametrize(
    "name", ["sklearn", "xgboost", "lightgbm", "pytorch", "pytorch_as_weights"]
)
def test_converted_to_onnx(name: str, workdir: Path) -> None:
    model, data, options = getattr(frameworks, name)()
    save_model(model, "model", input_example=data, **options)
    made = to_onnx("model", "graph")
    assert (made.rows, made.difference < 1e-5) == (5, True)
    assert load_model("graph", safe=True).predict(np.asarray(data, dtype="float32"))


def test_a_conversion_that_predicts_something_else_is_refused(workdir: Path) -> None:
    from sklearn.linear_model import LinearRegression

    data = frameworks.X
    model = LinearRegression().fit(data, data["a"] * 1e3 + 1 / 3)  # float32 cannot tell this
    save_model(model, "model", input_example=data)
    with pytest.raises(InvalidValue, match=r"something else.*Nothing was written"):
        to_onnx("model", "graph", tolerance=0.0)
    assert not Path("graph").exists()


def test_what_cannot_be_exported_is_said(workdir: Path) -> None:
    import torch

    class Odd(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return x if x.sum() > 0 else -x

    with pytest.raises(InvalidValue, match=r"cannot be exported.*safetensors"):
        save_model(Odd(), "model", input_example=frameworks.SINGLE)
    save_model(Odd(), "model", pip_requirements=[])
    assert (load_model("model").predict(frameworks.SINGLE) == frameworks.SINGLE).all()


def test_several_tensors_are_given_as_a_tuple_a_dict_or_with_a_batch_of_one(workdir: Path) -> None:
    import torch

    model, data, _ = frameworks.pytorch_of_several()
    example = tuple(torch.from_numpy(one[:1]) for one in data.values())
    about = save_model(model, "model", input_example=example, pip_requirements=[])
    assert about.signature is not None
    assert about.signature.inputs is not None
    assert about.signature.inputs.input_names() == ["words", "mask"]
    expected = {"output_0": data["words"] * 2.0, "output_1": np.full(4, 3.0)}
    again = load_model("model")
    assert_equal(again.predict(data), expected)
    assert_equal(again.predict(tuple(data.values())), expected)
    as_json = {name: array.tolist() for name, array in data.items()}
    assert_equal(again.predict(as_json), expected)
    with pytest.raises(InvalidValue, match="Array 'mask' is missing"):
        again.predict({"words": data["words"]})
    with pytest.raises(InvalidValue, match="only models of one are converted"):
        to_onnx("model", "graph")
    with pytest.raises(
        InvalidValue, match=r"a tuple of 4, and forward .* takes words, mask, scale"
    ):
        save_model(model, "other", input_example=(*example, *example))


def test_an_exported_graph_is_not_safe_as_it_may_run_code(workdir: Path) -> None:
    model, data, _ = frameworks.pytorch()
    save_model(model, "model", input_example=data, pip_requirements=[])
    graph = Path("model/data/model.pt2")
    with zipfile.ZipFile(graph) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    code = """__import__('pathlib').Path('ran').touch()"""
    with zipfile.ZipFile(graph, "w") as archive:
        for name, content in parts.items():
            text = re.sub(rb'"expr_str": "[^"]*"', f'"expr_str": "{code}"'.encode(), content)
            archive.writestr(name, text if name.endswith("model.json") else content)
    with pytest.raises(InvalidValue, match=r"its file data/model\.pt2 is not what was saved"):
        load_model("model")
    seal(Path("model"))
    for load in (load_model, load_native):
        with pytest.raises(InvalidValue, match=r"not safe: what torch.export has written may run"):
            load("model", safe=True)
    assert not Path("ran").exists()
