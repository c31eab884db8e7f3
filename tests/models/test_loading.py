from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from sklearn.pipeline import Pipeline

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import load_model, load_native, save_model, seal

Wine = tuple[pd.DataFrame, Any]


def edit(directory: str, **flavors: dict[str, Any] | None) -> None:
    """Change the flavors in an MLmodel file; None removes one."""
    path = Path(directory) / "MLmodel"
    content = yaml.safe_load(path.read_text())
    content["flavors"] = {k: v for k, v in (content["flavors"] | flavors).items() if v is not None}
    path.write_text(yaml.safe_dump(content))
    seal(path.parent)


def test_predicts_as_the_model_does(classifier: Pipeline, wine: Wine) -> None:
    save_model(classifier, "model", input_example=wine[0])
    loaded = load_model("model")
    assert (loaded.predict(wine[0].assign(extra=1)) == classifier.predict(wine[0])).all()
    assert loaded.signature is not None
    assert loaded.metadata.model_uuid


def test_the_input_is_held_against_the_signature(classifier: Pipeline, wine: Wine) -> None:
    save_model(classifier, "model", input_example=wine[0])
    with pytest.raises(InvalidValue, match="Column 'ash' is missing"):
        load_model("model").predict(wine[0].drop(columns="ash"))


def test_load_native_gives_the_estimator(classifier: Pipeline) -> None:
    save_model(classifier, "model")
    assert isinstance(load_native("model"), Pipeline)


def test_a_directory_of_mlflow_needs_no_mlflow(classifier: Pipeline, wine: Wine) -> None:
    save_model(classifier, "model")
    Path("model/model.pkl").write_bytes(pickle.dumps(classifier))
    pyfunc = {"loader_module": "mlflow.sklearn", "predict_fn": "predict_proba"}
    edit(
        "model",
        python_function=pyfunc | {"model_path": "model.pkl"},
        sklearn={"pickled_model": "model.pkl", "serialization_format": "pickle"},
    )
    assert (load_model("model").predict(wine[0]) == classifier.predict_proba(wine[0])).all()


LOADER = """
class Doubler:
    def __init__(self, path): self.path = path
    def predict(self, data, params=None): return [2 * x for x in data] + [self.path, params]
def _load_pyfunc(path): return Doubler(path)
"""


def test_any_loader_module_that_comes_with_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])  # loading adds to it
    model = tmp_path / "model"
    (model / "code").mkdir(parents=True)
    (model / "code" / "doubler_loader.py").write_text(LOADER)
    pyfunc = {"loader_module": "doubler_loader", "code": "code", "data": "weights"}
    (model / "MLmodel").write_text(yaml.safe_dump({"flavors": {"python_function": pyfunc}}))
    assert load_model(model).predict([1, 2]) == [2, 4, str(model / "weights"), {}]


def test_what_is_missing_is_said(classifier: Pipeline) -> None:
    save_model(classifier, "model")
    edit("model", sklearn=None, python_function={"loader_module": "not_here"})
    with pytest.raises(InvalidValue, match="'not_here', which cannot be imported here"):
        load_model("model")
    with pytest.raises(InvalidValue, match="there are flavors for xgboost"):
        load_native("model")
    edit("model", python_function=None, other={})
    with pytest.raises(InvalidValue, match="no python_function flavor"):
        load_model("model")
    with pytest.raises(NotFound, match="no model directory"):
        load_model("nowhere")


def test_an_unknown_serialization_is_said(classifier: Pipeline) -> None:
    save_model(classifier, "model")
    edit("model", sklearn={"pickled_model": "model.skops", "serialization_format": "xml"})
    with pytest.raises(InvalidValue, match="serialized as 'xml'"):
        load_native("model")


@pytest.mark.parametrize(
    ("flavor", "changes", "message"),
    [
        ("sklearn", {"pickled_model": None}, r"flavor sklearn: Expected `str`.*pickled_model"),
        ("sklearn", {"pickled_model": ...}, "flavor sklearn: .*missing.*`pickled_model`"),
        ("sklearn", {"serialization_format": 7}, "flavor sklearn: .*serialization_format"),
        ("sklearn", {"skops_trusted_types": "all"}, "flavor sklearn: .*skops_trusted_types"),
        ("python_function", {"loader_module": 7}, "flavor python_function: .*loader_module"),
        ("python_function", {"loader_module": ...}, "flavor python_function: .*`loader_module`"),
        ("python_function", {"code": 7}, "flavor python_function: .*code"),
        ("python_function", {"predict_fn": 7}, "flavor python_function: .*predict_fn"),
        ("python_function", {"predict_fn": "guess"}, "MLmodel.*'guess' as predict_fn"),
    ],
    ids=str,
)
def test_damage_is_told_with_file_and_key(
    classifier: Pipeline, flavor: str, changes: dict[str, Any], message: str
) -> None:
    save_model(classifier, "model")
    content = yaml.safe_load(Path("model/MLmodel").read_text())["flavors"][flavor] | changes
    edit("model", **{flavor: {k: v for k, v in content.items() if v is not ...}})
    with pytest.raises(InvalidValue, match=message) as caught:
        load_model("model")
    assert "MLmodel" in str(caught.value)
