"""Models fitted on real data."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from artifacts.conftest import moto, s3

__all__ = ["moto", "s3"]


@pytest.fixture(scope="session")
def wine() -> tuple[pd.DataFrame, Any]:
    """The first five columns of the wine data, and its classes."""
    frame, classes = load_wine(return_X_y=True, as_frame=True)
    return frame.iloc[:, :5], classes


@pytest.fixture(scope="session")
def classifier(wine: tuple[pd.DataFrame, Any]) -> Pipeline:
    """A pipeline fitted on them."""
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*wine)
