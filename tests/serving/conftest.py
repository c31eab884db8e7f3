"""A model in a directory, and a client for whatever serves it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from nbtrail.entities import Endpoint
from nbtrail.models import MLmodel, save_model
from nbtrail.serving import list_endpoints, stop
from nbtrail.store import Store


class Served(NamedTuple):
    """A fitted pipeline, its directory, and rows that it predicts."""

    estimator: Pipeline
    directory: Path
    rows: pd.DataFrame


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A classifier of the wine data that takes three columns."""
    frame, classes = load_wine(return_X_y=True, as_frame=True)
    rows = frame.iloc[:, :3]
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, classes)
    directory = tmp_path_factory.mktemp("models") / "wine"
    save_model(estimator, directory, input_example=rows)
    return Served(estimator, directory, rows)


ECHO = """
class Echo:
    def predict(self, data):
        return data

def _load_pyfunc(path):
    return Echo()
"""


@pytest.fixture(scope="session")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a model with code of its own, which needs no framework.

    It is there for tests of the process around a model: loading scikit-learn takes seconds.
    """
    directory = tmp_path_factory.mktemp("models") / "echo"
    code = directory / "code"
    code.mkdir(parents=True)
    (code / "echo_of_the_tests.py").write_text(ECHO)
    loaded_by = {"loader_module": "echo_of_the_tests", "code": "code"}
    MLmodel(flavors={"python_function": loaded_by}).write(directory)
    return directory


@pytest.fixture
def endpoints(store: Store) -> Iterator[Store]:
    """The store, whose endpoints are stopped when the test is over."""
    yield store
    for endpoint in list_endpoints(store):
        stop(endpoint.name, store)


def call(
    endpoint: Endpoint, path: str, body: Any = None, *, token: str | None = None
) -> tuple[int, Any]:
    """Send a request over HTTP; return the status and the body, decoded if it is JSON."""
    request = urllib.request.Request(
        f"http://{endpoint.host}:{endpoint.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token or endpoint.token}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=90) as response:
            return response.status, _decode(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _decode(error)


def _decode(response: Any) -> Any:
    content = response.read()
    is_json = response.headers.get_content_type() == "application/json"
    return json.loads(content) if is_json else content.decode()


@pytest.fixture(name="call")
def call_fixture() -> Any:
    """Return the function `call`."""
    return call
