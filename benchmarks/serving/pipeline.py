"""What all of them serve: a scikit-learn pipeline, the same wherever it is fitted."""

from __future__ import annotations

import json
from typing import Any

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def rows() -> Any:
    """Return the wine data as a DataFrame."""
    return load_wine(return_X_y=True, as_frame=True)[0]


def fitted(first_class: int = 0) -> Any:
    """Return the pipeline; its classes are three numbers from `first_class` on."""
    table, classes = load_wine(return_X_y=True, as_frame=True)
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(
        table, classes + first_class
    )


def body(table: Any) -> str:
    """Return the request that asks for rows."""
    return json.dumps({"dataframe_split": table.to_dict(orient="split", index=False)})
