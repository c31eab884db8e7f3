"""Real estimators of scikit-learn, third-party and home-made ones, fitted under autolog."""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nbtrail
from nbtrail.autolog import fits
from nbtrail.entities import Run
from nbtrail.store import Store

pytestmark = pytest.mark.usefixtures("autologging")

X = pd.DataFrame({"a": np.linspace(0, 1, 30), "b": np.linspace(1, 0, 30) ** 2})
Y = (X["a"] > 0.5).astype(int)


def run_of(store: Store) -> Run:
    nbtrail.end_run()
    store.drain()
    (run,) = store.runs.search()[0]
    return run


def models_of(store: Store, run: Run) -> list[str]:
    return [model.name for model in store.registry.logged_models(run.info.run_id)]


def test_a_plain_estimator(store: Store) -> None:
    model = LogisticRegression(C=0.5)
    assert model.fit(X, Y) is model
    run = run_of(store)
    assert run.data.params["C"] == "0.5"
    assert run.data.params["fit_intercept"] == "True"
    assert {param.origin for param in run.data.param_records} == {"autolog"}
    assert run.data.tags["estimator_name"] == "LogisticRegression"
    assert run.data.tags["estimator_class"].startswith("sklearn.linear_model")
    assert models_of(store, run) == ["logistic_regression"]
    (logged,) = store.registry.logged_models(run.info.run_id)
    again = nbtrail.load_model(f"models:/{logged.model_id}")
    assert list(again.predict(X)) == list(model.predict(X))
    assert '"name": "a"' in again.metadata.signature_dict["inputs"]


def test_it_joins_the_run_that_is_open(store: Store) -> None:
    with nbtrail.start_run():
        nbtrail.log_param("alpha", 9)
        Ridge(alpha=0.5).fit(X, Y)
        Ridge(alpha=0.5).fit(X.to_numpy(), Y.to_numpy())
    run = run_of(store)
    assert run.data.params["alpha"] == "9"
    assert run.data.params["ridge.alpha"] == "0.5"
    assert len(models_of(store, run)) == 2


def test_many_that_differ_in_one_run(store: Store) -> None:
    with nbtrail.start_run():
        for alpha in (1.0, 2.0, 3.0, 2.0):
            Ridge(alpha=alpha).fit(X, Y)
    params = run_of(store).data.params
    assert {key: value for key, value in params.items() if key.endswith("alpha")} == {
        "alpha": "1.0",
        "ridge.alpha": "2.0",
        "ridge_2.alpha": "3.0",
    }


def test_a_pipeline_is_one_model(store: Store) -> None:
    make_pipeline(StandardScaler(), LogisticRegression(C=2.0)).fit(X, Y)
    run = run_of(store)
    assert models_of(store, run) == ["pipeline"]
    assert run.data.params["logisticregression__C"] == "2.0"
    assert run.data.params["standardscaler__with_mean"] == "True"


class Constant(RegressorMixin, BaseEstimator):
    """A home-made estimator; defined while autolog was on or not, it is recorded."""

    def __init__(self, value: float = 0.5) -> None:
        self.value = value

    def fit(self, X: Any, y: Any) -> Constant:
        self.lock = threading.Lock() if self.value < 0 else None
        if self.value > 1:
            raise ValueError("too much")
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.value)


def test_a_home_made_estimator(store: Store) -> None:
    Constant(0.25).fit(X, Y)
    run = run_of(store)
    assert run.data.params == {"value": "0.25"}
    assert models_of(store, run) == ["constant"]


def test_a_class_that_is_defined_later(store: Store) -> None:
    class Later(Constant):
        def fit(self, X: Any, y: Any) -> Later:
            super().fit(X, y)
            return self

    Later(0.75).fit(X, Y)
    run = run_of(store)
    assert run.data.params == {"value": "0.75"}
    assert models_of(store, run) == ["later"]


def test_clusters_are_models_too(store: Store) -> None:
    KMeans(2, n_init=1).fit(X)
    run = run_of(store)
    assert models_of(store, run) == ["kmeans"]
    assert run.data.params["n_clusters"] == "2"


def test_a_transformer_is_no_model(store: Store) -> None:
    StandardScaler().fit(X)
    assert StandardScaler().fit_transform(X).shape == X.shape
    make_pipeline(StandardScaler()).fit(X)
    assert store.runs.search()[0] == []


def test_what_fit_is_given_by_name(store: Store) -> None:
    Ridge().fit(y=Y, X=X, sample_weight=np.ones(len(X)))
    assert models_of(store, run_of(store)) == ["ridge"]


def test_a_model_that_cannot_be_kept_never_reaches_the_fit(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "nbtrail"):
        for _ in range(3):
            model = Constant(-1.0)
            assert model.fit(X, Y) is model
    nbtrail.end_run()
    store.drain()
    assert all(run.data.params == {"value": "-1.0"} for run in store.runs.search()[0])
    (record,) = caplog.records
    assert "could not record the fitted Constant" in record.getMessage()


def test_a_store_that_cannot_be_used_never_reaches_the_fit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    nbtrail.set_tracking_uri("http://elsewhere")
    model = Ridge()
    assert model.fit(X, Y) is model
    assert "could not record" in caplog.text


def test_an_exception_in_fit_is_the_users_and_leaves_nothing(store: Store) -> None:
    with pytest.raises(ValueError, match="too much"):
        Constant(2.0).fit(X, Y)
    assert store.runs.search()[0] == []
    assert not fits.pending()
    Constant(0.5).fit(X, Y)  # the depth is back at zero
    assert models_of(store, run_of(store)) == ["constant"]


class Voting(ClassifierMixin, BaseEstimator):
    """Fits others inside its own fit."""

    def fit(self, X: Any, y: Any) -> Voting:
        self.first = LogisticRegression().fit(X, y)
        self.second = LogisticRegression(C=3.0).fit(X, y)
        return self

    def predict(self, X: Any) -> Any:
        return self.first.predict(X)


def test_fits_inside_a_fit_are_the_outer_ones_business(store: Store) -> None:
    Voting().fit(X, Y)
    run = run_of(store)
    assert models_of(store, run) == ["voting"]
    assert run.data.params == {}


def test_two_threads_that_fit(store: Store) -> None:
    nbtrail.start_run()
    threads = [threading.Thread(target=Ridge().fit, args=(X, Y)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = run_of(store)
    assert set(models_of(store, run)) <= {"ridge", "ridge_2"}
    Ridge().fit(X, Y)
    nbtrail.end_run()
    assert len(store.runs.search()[0]) == 2


class Doubler(TransformerMixin, BaseEstimator):
    """A transformer of one's own has a fit, and is no model."""

    def fit(self, X: Any, y: Any = None) -> Doubler:
        return self

    def transform(self, X: Any) -> Any:
        return X * 2


def test_a_home_made_transformer(store: Store) -> None:
    Doubler().fit(X)
    assert store.runs.search()[0] == []


# In a notebook the recorder listens, and records when the cell ends


@pytest.fixture
def heard(autologging: None) -> Any:
    calls: list[int] = []
    nbtrail.autolog.listen(lambda: calls.append(1))
    yield calls
    nbtrail.autolog.listen(None)


def recorded(store: Store, namespace: dict[str, Any]) -> tuple[list[str], Run]:
    with nbtrail.start_run() as run:
        names = nbtrail.autolog.record(run, namespace, {})
    return names, run_of(store)


def test_of_fits_in_a_loop_only_what_survives_is_kept(store: Store, heard: list[int]) -> None:
    kept = []
    for number in range(20):
        model = Ridge(alpha=float(number)).fit(X, Y)
        if number in {3, 7}:
            kept.append(model)
    del model
    assert len(heard) == 20
    assert nbtrail.autolog.pending()
    names, run = recorded(store, {"first": kept[0], "_second": kept[1]})
    assert names == ["first", "ridge", "ridge_3"]
    assert models_of(store, run) == names
    assert run.data.params["alpha"] == "3.0"
    assert not nbtrail.autolog.pending()


def test_a_model_is_called_like_its_variable(store: Store, heard: list[int]) -> None:
    best = Ridge().fit(X, Y)
    best.fit(X, Y)
    names, run = recorded(store, {"_": best, "best": best, "other": best})
    assert names == models_of(store, run) == ["best"]


def test_the_data_is_let_go_of(store: Store, heard: list[int]) -> None:
    import gc
    import weakref

    data = X.copy()
    watched = weakref.ref(data)
    Ridge().fit(data, Y)
    del data
    gc.collect()
    assert watched() is None
