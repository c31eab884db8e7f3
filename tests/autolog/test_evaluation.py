"""What is measured after a fit, with the keys of MLflow's autolog."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nbtrail
from nbtrail.autolog import evaluation, measures
from nbtrail.entities import Run
from nbtrail.store import Store

pytestmark = pytest.mark.usefixtures("autologging")

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.random((60, 2)), columns=["a", "b"])
Y = pd.Series((X["a"] + RNG.normal(0, 0.2, 60) > 0.5).astype(int), name="label")
X_test, y_test = X[:20], Y[:20]


def ended(store: Store) -> Run:
    nbtrail.end_run()
    store.drain()
    return store.runs.search(filter_string="tags.`mlflow.parentRunId` is null")[0][-1]


def after_fit(run: Run) -> dict[str, float]:
    """What was measured by the user, rather than by the fit."""
    return {k: v for k, v in run.data.metrics.items() if not k.startswith("training_")}


def figures(run: Run) -> list[str]:
    found = nbtrail.Client().list_artifacts(run.info.run_id, "figures")
    return [file.path.removeprefix("figures/").partition(".")[0] for file in found]


def test_metric_functions_are_named_after_what_was_predicted(store: Store) -> None:
    model = LogisticRegression().fit(X, Y)
    predicted = model.predict(X_test)
    accuracy = sklearn.metrics.accuracy_score(y_test, predicted)
    auc = sklearn.metrics.roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    sklearn.metrics.accuracy_score(y_test, y_test)  # nobody's prediction
    assert after_fit(ended(store)) == {
        "accuracy_score_X_test": accuracy,
        "roc_auc_score_X_test": auc,
    }


def test_a_second_one_is_numbered(store: Store) -> None:
    model = LogisticRegression().fit(X, Y)
    for average in ("micro", "macro"):
        sklearn.metrics.f1_score(y_test, model.predict(X_test), average=average)
    assert list(after_fit(ended(store))) == ["f1_score-2_X_test", "f1_score_X_test"]


def test_a_loop_that_measures_does_not_fill_the_run(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    model = Ridge().fit(X, Y)
    for _ in range(evaluation.MOST + 5):
        model.score(X, Y)
    assert len(after_fit(ended(store))) == evaluation.MOST
    assert "the first 20 of the metrics 'Ridge_score_X'" in caplog.text


def test_score_is_named_after_the_model(store: Store) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    score = model.score(X_test, y_test)
    assert after_fit(ended(store)) == {"Pipeline_score_X_test": score}


def test_data_without_a_name(store: Store) -> None:
    model = Ridge().fit(X, Y)
    model.score(X.iloc[:10] + 1, Y[:10])
    model.score(y=Y, X=X)
    assert list(after_fit(ended(store))) == ["Ridge_score_X", "Ridge_score_unknown_dataset"]


def test_it_goes_to_the_run_of_the_model(store: Store) -> None:
    with nbtrail.start_run() as first:
        model = Ridge().fit(X, Y)
    with nbtrail.start_run() as second:
        model.score(X, Y)
    store.drain()
    assert "Ridge_score_X" in store.runs.get(first.run_id).data.metrics
    assert store.runs.get(second.run_id).data.metrics == {}


def test_a_model_that_is_fitted_again_belongs_to_the_later_run(store: Store) -> None:
    model = Ridge()
    for _ in range(2):
        with nbtrail.start_run() as run:
            model.fit(X, Y)
    model.score(X, Y)
    store.drain()
    assert "Ridge_score_X" in store.runs.get(run.run_id).data.metrics


def test_a_metric_that_cannot_be_had_is_left_out(store: Store) -> None:
    """scikit-learn has no weighted ROC of several classes one against another."""
    labels = np.arange(60) % 3
    LogisticRegression().fit(X, labels, sample_weight=np.ones(60))
    found = ended(store).data.metrics
    assert "training_log_loss" in found
    assert "training_roc_auc" not in found


def test_a_model_that_was_not_recorded_has_no_run(store: Store) -> None:
    nbtrail.autolog(disable=True)
    model = Ridge().fit(X, Y)
    nbtrail.autolog()
    model.score(X, Y)
    sklearn.metrics.r2_score(Y, model.predict(X))
    assert store.runs.search()[0] == []


def test_a_confusion_matrix_comes_with_a_metric_of_classes(store: Store) -> None:
    model = LogisticRegression().fit(X, Y)
    predicted = model.predict(X_test)
    sklearn.metrics.accuracy_score(y_test, predicted)
    run = ended(store)
    assert figures(run) == [
        "confusion_matrix_X_test",
        "feature_importance",
        "training_confusion_matrix",
    ]
    path = f"runs:/{run.info.run_id}/figures/confusion_matrix_X_test.plotly.json"
    (cells,) = json.loads(nbtrail.artifacts.load_text(path))["data"]
    assert cells["z"] == sklearn.metrics.confusion_matrix(y_test, predicted).tolist()
    assert cells["x"] == ["0", "1"]


def test_what_the_fit_says_of_its_own_data(store: Store) -> None:
    model = LogisticRegression().fit(X, Y)
    found = ended(store).data.metrics
    assert set(found) == {
        f"training_{name}"
        for name in (
            "accuracy_score f1_score log_loss precision_score recall_score roc_auc score"
        ).split()
    }
    assert found["training_score"] == model.score(X, Y)
    assert found["training_roc_auc"] == sklearn.metrics.roc_auc_score(
        Y, model.predict_proba(X)[:, 1]
    )


def test_what_a_regression_says_of_its_own_data(store: Store) -> None:
    weights = np.linspace(1, 2, len(X))
    model = Ridge().fit(X, X["b"], sample_weight=weights)
    found = ended(store).data.metrics
    squared = sklearn.metrics.mean_squared_error(X["b"], model.predict(X), sample_weight=weights)
    assert found["training_mean_squared_error"] == squared
    assert found["training_root_mean_squared_error"] == pytest.approx(squared**0.5)
    assert found["training_r2_score"] == model.score(X, X["b"], weights)


def test_long_data_is_not_predicted_for_it(store: Store) -> None:
    rows = measures.MOST_ROWS + 1
    DummyClassifier().fit(np.zeros((rows, 1)), np.zeros(rows))
    run = ended(store)
    assert run.data.metrics == {}
    assert figures(run) == []


def test_the_data_of_a_fit_is_an_input_of_its_run(store: Store) -> None:
    Ridge().fit(X, Y)
    Ridge().fit(X.to_numpy(), Y.to_numpy())
    first, second = ended(store).inputs.dataset_inputs
    assert [first.dataset.name, second.dataset.name] == ["X", "dataset"]
    frame = nbtrail.data.from_pandas(X.assign(label=Y), targets="label")
    assert first.dataset.digest == frame.digest
    array = nbtrail.data.from_numpy(X.to_numpy(), targets=Y.to_numpy())
    assert second.dataset.digest == array.digest


def test_folds_are_no_models(store: Store) -> None:
    cross_val_score(KNeighborsClassifier(), X, Y, cv=3)
    assert store.runs.search()[0] == []


@pytest.mark.parametrize("kind", ["grid", "random"])
def test_the_candidates_of_a_search_are_runs_below_its_own(store: Store, kind: str) -> None:
    grid = {"alpha": [0.1, 1.0, 10.0]}
    search = (
        GridSearchCV(Ridge(), grid, cv=2)
        if kind == "grid"
        else RandomizedSearchCV(Ridge(), grid, n_iter=3, cv=2, random_state=0)
    ).fit(X, Y)
    parent = ended(store)
    below = store.runs.search(filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")[
        0
    ]
    ranked = sorted(below, key=lambda run: run.data.metrics["rank_test_score"])
    assert [run.info.status for run in below] == ["FINISHED"] * 3
    assert ranked[0].data.params == {"alpha": str(search.best_params_["alpha"])}
    assert ranked[0].data.metrics["mean_test_score"] == search.best_score_
    assert {run.data.params["alpha"] for run in below} == {"0.1", "1.0", "10.0"}
    assert parent.data.params["best_alpha"] == str(search.best_params_["alpha"])
    assert [model.name for model in store.registry.logged_models(parent.info.run_id)] == [
        "grid_search_cv" if kind == "grid" else "randomized_search_cv"
    ]


@pytest.mark.parametrize(("most", "expected"), [(2, 2), (None, 8), (0, 0)])
def test_only_the_best_candidates_get_a_run(store: Store, most: int | None, expected: int) -> None:
    nbtrail.sklearn.autolog(max_tuning_runs=most)
    GridSearchCV(Ridge(), {"alpha": np.geomspace(0.1, 9, 8)}, cv=2).fit(X, Y)
    parent = ended(store)
    below = store.runs.search(filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")[
        0
    ]
    ranks = sorted(run.data.metrics["rank_test_score"] for run in below)
    assert ranks == list(range(1, expected + 1))


def test_a_scorer_is_still_pickled(store: Store) -> None:
    scorer = sklearn.metrics.make_scorer(sklearn.metrics.f1_score)
    again: Any = pickle.loads(pickle.dumps(scorer))
    model = LogisticRegression().fit(X, Y)
    assert again(model, X, Y) == scorer(model, X, Y)


def test_what_is_recorded_can_be_chosen(store: Store) -> None:
    nbtrail.autolog(
        log_models=False,
        log_datasets=False,
        log_training_metrics=False,
        log_post_training_metrics=False,
        log_figures=False,
        extra_tags={"team": "blue"},
    )
    model = LogisticRegression().fit(X, Y)
    model.score(X, Y)
    run = ended(store)
    assert run.data.tags["team"] == "blue"
    assert run.data.metrics == {}
    assert run.inputs.dataset_inputs == []
    assert figures(run) == []
    assert store.registry.logged_models(run.info.run_id) == []


@pytest.mark.parametrize(
    ("options", "signed"), [({}, True), ({"log_model_signatures": False}, False)]
)
def test_signatures_can_be_left_out(store: Store, options: dict[str, bool], signed: bool) -> None:
    nbtrail.autolog(log_input_examples=False, **options)
    Ridge().fit(X, Y)
    (model,) = store.registry.logged_models(ended(store).info.run_id)
    about = nbtrail.load_model(f"models:/{model.model_id}").metadata
    assert (about.signature is not None) == signed
    assert about.saved_input_example_info is None


def test_mlflows_other_arguments_are_told_and_ignored(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    nbtrail.sklearn.autolog(exclusive=True)
    assert "no use for MLflow's argument 'exclusive'" in caplog.text


def test_mistakes_are_told() -> None:
    with pytest.raises(nbtrail.errors.InvalidValue, match="Did you mean 'log_models'"):
        nbtrail.autolog(log_model=False)
    with pytest.raises(nbtrail.errors.InvalidValue, match="from 0, or None for all, not -1"):
        nbtrail.autolog(max_tuning_runs=-1)
    with pytest.raises(nbtrail.errors.InvalidValue, match=r"no framework 'sclearn'.*'sklearn'"):
        nbtrail.autolog(exclude_flavors=["sclearn"])


def test_a_framework_can_be_excluded(store: Store) -> None:
    nbtrail.autolog(disable=True)
    nbtrail.autolog(exclude_flavors=["sklearn"])
    Ridge().fit(X, Y)
    assert store.runs.search()[0] == []
