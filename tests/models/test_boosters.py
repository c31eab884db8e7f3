"""The flavors of XGBoost and LightGBM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

import nbtrail
from nbtrail.errors import InvalidValue
from nbtrail.models import MLmodel, load_model, load_native, save_model
from nbtrail.models import xgboost as xgboost_flavor

X = pd.DataFrame(np.random.default_rng(0).random((60, 3)), columns=["a", "b", "c"])
Y = (X["a"] > 0.5).astype(int)


def test_a_booster_of_xgboost(tmp_path: Path) -> None:
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, Y), 3)
    about = save_model(booster, tmp_path / "model")
    assert about.flavors["xgboost"]["model_class"] == "xgboost.core.Booster"
    assert about.flavors["python_function"]["loader_module"] == "mlflow.xgboost"
    expected = booster.predict(xgboost.DMatrix(X))
    assert np.array_equal(load_model(tmp_path / "model").predict(X), expected)
    assert isinstance(load_native(tmp_path / "model"), xgboost.Booster)
    assert "xgboost" in (tmp_path / "model" / "requirements.txt").read_text()


def test_a_booster_of_lightgbm(tmp_path: Path) -> None:
    params: dict[str, Any] = {"objective": "binary", "verbose": -1}
    booster = lightgbm.train(params, lightgbm.Dataset(X, Y), 3)
    save_model(booster, tmp_path / "model", input_example=X)
    again = load_model(tmp_path / "model")
    assert np.array_equal(again.predict(X), booster.predict(X))
    assert again.signature is not None
    assert isinstance(load_native(tmp_path / "model"), lightgbm.Booster)


def test_an_estimator_that_mlflow_saved_predicts_classes(tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=3).fit(X, Y)
    model.save_model(tmp_path / "model.ubj")
    config = {"data": "model.ubj", "model_class": "xgboost.sklearn.XGBClassifier"}
    pyfunc = {"loader_module": "mlflow.xgboost", "data": "model.ubj"}
    MLmodel(flavors={"xgboost": config, "python_function": pyfunc}).write(tmp_path)
    assert np.array_equal(load_model(tmp_path).predict(X), model.predict(X))
    assert isinstance(load_native(tmp_path), xgboost.XGBClassifier)


@pytest.mark.parametrize("name", ["os.system", "xgboost.core.DMatrix", "xgboost.Nothing"])
def test_only_xgboosts_own_models_are_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValue, match=f"no models of the class '{name}'"):
        xgboost_flavor.load(tmp_path, {"data": "model.ubj", "model_class": name})


def test_estimators_by_their_frameworks_names(tmp_path: Path) -> None:
    boosted = xgboost.XGBClassifier(n_estimators=3).fit(X, Y)
    about = save_model(boosted, tmp_path / "xgboost", input_example=X)
    assert about.flavors["xgboost"]["model_class"] == "xgboost.sklearn.XGBClassifier"
    assert np.array_equal(
        load_model(tmp_path / "xgboost", safe=True).predict(X), boosted.predict(X)
    )
    light = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, Y)
    about = save_model(light, tmp_path / "skops")
    assert about.flavors["sklearn"]["serialization_format"] == "skops"
    assert np.array_equal(load_model(tmp_path / "skops", safe=True).predict(X), light.predict(X))
    with pytest.warns(UserWarning, match="written as a pickle"):
        nbtrail.lightgbm.save_model(light, tmp_path / "pickle")
    assert np.array_equal(load_model(tmp_path / "pickle").predict(X), light.predict(X))
    with pytest.raises(InvalidValue, match="not safe: the estimator is a pickle"):
        load_model(tmp_path / "pickle", safe=True)
