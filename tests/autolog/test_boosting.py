"""XGBoost and LightGBM, trained for real under autolog."""

from __future__ import annotations

import json
import pickle
import warnings
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

import nbtrail
from nbtrail.entities import Run
from nbtrail.store import Store

pytestmark = pytest.mark.usefixtures("autologging")

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.random((60, 3)), columns=["a", "b", "c"])
Y = (X["a"] > 0.5).astype(int)


def run_of(store: Store) -> Run:
    nbtrail.end_run()
    store.drain()
    (run,) = store.runs.search()[0]
    return run


def curve(store: Store, run: Run, key: str) -> list[float]:
    return [point.value for point in store.metrics.history(run.info.run_id, key)]


def figure(run: Run, name: str) -> Any:
    path = f"runs:/{run.info.run_id}/figures/{name}.plotly.json"
    return json.loads(nbtrail.artifacts.load_text(path))


def trained_by_xgboost(store: Store, **options: Any) -> tuple[Any, dict[str, Any], Run]:
    dtrain, dtest = xgboost.DMatrix(X, Y), xgboost.DMatrix(X[:20], Y[:20])
    seen: dict[str, Any] = {}
    params = {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "max_depth": 2}
    booster = xgboost.train(
        params, dtrain, 6, evals=[(dtest, "test")], evals_result=seen, verbose_eval=False, **options
    )
    return booster, seen, run_of(store)


def test_xgboost_logs_what_each_iteration_measures(store: Store) -> None:
    _, seen, run = trained_by_xgboost(store)
    assert curve(store, run, "test-logloss") == pytest.approx(seen["test"]["logloss"])
    assert curve(store, run, "test-auc") == pytest.approx(seen["test"]["auc"])
    assert run.data.params["max_depth"] == "2"
    assert run.data.params["num_boost_round"] == "6"
    assert "best_iteration" not in run.data.metrics


def test_xgboost_tells_where_it_stopped_early(store: Store) -> None:
    callbacks = [xgboost.callback.EarlyStopping(rounds=2, maximize=True)]
    booster, _, run = trained_by_xgboost(store, callbacks=callbacks)
    assert run.data.metrics["best_iteration"] == booster.best_iteration
    assert len(callbacks) == 1  # the user's own list


def test_a_booster_of_xgboost_is_kept_with_its_data(store: Store) -> None:
    booster, _, run = trained_by_xgboost(store)
    (model,) = store.registry.logged_models(run.info.run_id)
    again = nbtrail.load_model(f"models:/{model.model_id}")
    assert np.allclose(again.predict(X), booster.predict(xgboost.DMatrix(X)))
    (used,) = run.inputs.dataset_inputs
    assert used.dataset.name == "dtrain"
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "train")]
    (bars,) = figure(run, "feature_importance_weight")["data"]
    assert dict(zip(bars["y"], bars["x"], strict=True)) == booster.get_score()


def test_missing_values_stay_missing_in_what_a_matrix_says_of_itself(store: Store) -> None:
    holes = X.mask(X > 0.8)
    dtrain = xgboost.DMatrix(holes, Y)
    xgboost.train({}, dtrain, 1)
    (used,) = run_of(store).inputs.dataset_inputs
    profile = json.loads(used.dataset.profile or "{}")
    missing = {name: profile["columns"][name]["nulls"] for name in holes}
    assert missing == holes.isna().sum().to_dict()


def test_xgboosts_estimators(store: Store) -> None:
    model = xgboost.XGBClassifier(n_estimators=4, max_depth=2)
    model.fit(X, Y, eval_set=[(X[:20], Y[:20])], verbose=False)
    run = run_of(store)
    assert curve(store, run, "validation_0-logloss") == pytest.approx(
        model.evals_result()["validation_0"]["logloss"]
    )
    assert run.data.params["n_estimators"] == "4"
    assert run.data.tags["estimator_name"] == "XGBClassifier"
    (logged,) = store.registry.logged_models(run.info.run_id)
    assert logged.name == "xgbclassifier"
    (used,) = run.inputs.dataset_inputs
    assert used.dataset.name == "X"


def trained_by_lightgbm(store: Store, callbacks: list[Any] | None = None) -> tuple[Any, Any, Run]:
    seen: dict[str, Any] = {}
    train, test = lightgbm.Dataset(X, Y), lightgbm.Dataset(X[:20], Y[:20])
    params = {"objective": "binary", "metric": "binary_logloss", "verbose": -1, "num_leaves": 3}
    callbacks = [lightgbm.record_evaluation(seen), *(callbacks or [])]
    booster = lightgbm.train(params, train, 6, [test], ["test"], callbacks=callbacks)
    return booster, seen, run_of(store)


def test_lightgbm_logs_what_each_iteration_measures(store: Store) -> None:
    booster, seen, run = trained_by_lightgbm(store)
    assert curve(store, run, "test-binary_logloss") == seen["test"]["binary_logloss"]
    assert run.data.params["num_leaves"] == "3"
    (bars,) = figure(run, "feature_importance_split")["data"]
    assert sorted(bars["x"]) == sorted(booster.feature_importance("split"))
    assert figure(run, "feature_importance_gain")["layout"]["title"]


def test_lightgbm_tells_where_it_stopped_early(store: Store) -> None:
    booster, _, run = trained_by_lightgbm(store, [lightgbm.early_stopping(2, verbose=False)])
    assert run.data.metrics["best_iteration"] == booster.best_iteration


def test_a_booster_of_lightgbm_is_kept_with_its_data(store: Store) -> None:
    booster, _, run = trained_by_lightgbm(store)
    (model,) = store.registry.logged_models(run.info.run_id)
    again = nbtrail.load_model(f"models:/{model.model_id}")
    assert np.allclose(again.predict(X), booster.predict(X))
    (used,) = run.inputs.dataset_inputs
    assert used.dataset.name == "train"


def test_lightgbms_estimators(store: Store) -> None:
    model = lightgbm.LGBMRegressor(n_estimators=4, verbose=-1)
    with warnings.catch_warnings():  # from 4.7 on there is another way to say this
        warnings.simplefilter("ignore", lightgbm.basic.LGBMDeprecationWarning)
        model.fit(X, X["b"], eval_set=[(X[:20], X["b"][:20])])
    run = run_of(store)
    assert curve(store, run, "valid_0-l2") == model.evals_result_["valid_0"]["l2"]
    assert run.data.metrics["training_r2_score"] == pytest.approx(model.score(X, X["b"]))


def test_what_stops_a_training_leaves_its_curve(store: Store) -> None:
    class Stop(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if epoch == 3:
                raise KeyboardInterrupt
            return False

    dtrain = xgboost.DMatrix(X, Y)
    with pytest.raises(KeyboardInterrupt):
        xgboost.train(
            {}, dtrain, 9, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[Stop()]
        )
    run = run_of(store)
    assert len(curve(store, run, "train-rmse")) == 3
    assert store.registry.logged_models(run.info.run_id) == []


def test_a_wrong_argument_is_told_by_the_framework_alone(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TypeError):
        xgboost.train()  # type: ignore[call-arg]
    assert caplog.text == ""
    assert store.runs.search()[0] == []


def test_our_callback_is_pickled_as_what_it_is() -> None:
    from nbtrail.autolog.xgboost import _callback

    assert isinstance(pickle.loads(pickle.dumps(_callback())), xgboost.callback.TrainingCallback)


def test_one_framework_can_be_left_alone(store: Store) -> None:
    train = xgboost.train
    nbtrail.xgboost.autolog(disable=True)
    assert xgboost.train is not train
    xgboost.train({}, xgboost.DMatrix(X, Y), 1)
    xgboost.XGBRegressor(n_estimators=1).fit(X, Y)
    assert store.runs.search()[0] == []
    lightgbm.LGBMRegressor(n_estimators=1, verbose=-1).fit(X, Y)
    assert run_of(store).data.tags["estimator_name"] == "LGBMRegressor"


def test_only_one_framework(store: Store) -> None:
    from sklearn.linear_model import Ridge

    nbtrail.autolog(disable=True)
    nbtrail.xgboost.autolog(log_models=False)
    Ridge().fit(X, Y)
    assert store.runs.search()[0] == []
    xgboost.XGBRegressor(n_estimators=1).fit(X, Y)
    run = run_of(store)
    assert run.data.tags["estimator_name"] == "XGBRegressor"
    assert store.registry.logged_models(run.info.run_id) == []
