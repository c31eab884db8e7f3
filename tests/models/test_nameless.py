from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, RANSACRegressor, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from nbtrail.models.nameless import method_of

TABLE, CLASSES = load_wine(return_X_y=True, as_frame=True)
NAMES = list(TABLE.columns)


class Users(ClassifierMixin, BaseEstimator):
    """An estimator of somebody's own, which reads columns by name."""

    def fit(self, table: pd.DataFrame, classes: Any) -> Users:
        self.classes_ = np.unique(classes)
        return self

    def predict(self, table: pd.DataFrame) -> Any:
        return (table["alcohol"] > 13).to_numpy()


PLAIN = [
    LogisticRegression(max_iter=5000),
    Ridge(),
    KMeans(3, n_init=1, random_state=0),
    SVC(),
    GaussianNB(),
    KNeighborsClassifier(),
    DecisionTreeRegressor(random_state=0),
    RandomForestClassifier(5, random_state=0),
    GradientBoostingClassifier(n_estimators=3),
    IsolationForest(n_estimators=5, random_state=0),
    RANSACRegressor(random_state=0, min_samples=20),
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(make_pipeline(MinMaxScaler(), PCA(3)), PolynomialFeatures(), SVC()),
    make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=(4,), max_iter=3000, random_state=0)
    ),
]
CURIOUS = [
    Users(),
    HistGradientBoostingClassifier(max_iter=2, categorical_features="from_dtype"),
    ColumnTransformer([("a", StandardScaler(), ["alcohol"])]),
    make_pipeline(ColumnTransformer([("a", StandardScaler(), ["alcohol"])]), SVC()),
    make_pipeline(FunctionTransformer(lambda table: table[["alcohol"]]), SVC()),
    make_pipeline(OneHotEncoder(handle_unknown="ignore"), SVC()),
    make_pipeline(StandardScaler(), FunctionTransformer(), SVC()),
    Pipeline([("nothing", "passthrough"), ("svc", SVC())]),
    make_pipeline(StandardScaler(), Users()).set_output(transform="pandas"),
    VotingClassifier([("a", Users()), ("b", SVC())]),
    GridSearchCV(SVC(), {"C": [1, 2]}),
    RANSACRegressor(Ridge(), min_samples=20),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", PLAIN, ids=str)
def test_an_array_is_predicted_as_the_table_and_the_model_stays_as_it_was(model: Any) -> None:
    model.fit(TABLE, CLASSES)
    found = method_of(model, "predict", NAMES)
    assert found is not None
    for rows in (TABLE, TABLE[:1]):
        np.testing.assert_array_equal(found(rows.to_numpy()), model.predict(rows))
    assert list(model.feature_names_in_) == NAMES
    with pytest.raises(ValueError, match="feature names"):
        model.predict(TABLE.rename(columns={"alcohol": "water"}))


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.parametrize("model", CURIOUS, ids=lambda model: type(model).__name__)
def test_who_may_look_at_more_than_numbers_gets_the_table(model: Any) -> None:
    model.fit(TABLE, CLASSES)
    assert method_of(model, "predict", NAMES) is None


def test_columns_of_another_order_are_for_scikit_learn_to_refuse() -> None:
    model = SVC().fit(TABLE, CLASSES)
    assert method_of(model, "predict", NAMES[::-1]) is None
    assert method_of(model, "no_such_method", NAMES) is None


def test_a_model_fitted_to_an_array_takes_any_names() -> None:
    model = SVC().fit(TABLE.to_numpy(), CLASSES)
    found = method_of(model, "decision_function", NAMES)
    assert found is not None
    np.testing.assert_array_equal(
        found(TABLE.to_numpy()), model.decision_function(TABLE.to_numpy())
    )
