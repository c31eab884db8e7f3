"""Where code that says ``import nbtrail as mlflow`` looks for the client and its errors."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbtrail as mlflow


def test_the_client_has_mlflows_names() -> None:
    assert mlflow.MlflowClient is mlflow.client.MlflowClient is mlflow.tracking.MlflowClient
    assert mlflow.MlflowClient is mlflow.Client


@pytest.mark.usefixtures("workdir")
def test_errors_are_mlflows_exceptions() -> None:
    with pytest.raises(mlflow.exceptions.MlflowException) as caught:
        mlflow.get_run("missing")
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert not list(Path(".nbtrail").glob("artifacts/0/*"))
