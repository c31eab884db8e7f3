"""The scoring app, in process; real processes are in test_endpoints.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from nbtrail.entities import EndpointConfig, EndpointTarget
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import MLmodel, PyFuncModel, load_model
from nbtrail.serving.scoring.app import create_app
from nbtrail.serving.scoring.service import Service
from nbtrail.serving.supervision import status

TOKEN = "open-sesame"


class Client:
    """Sends requests straight to an app."""

    def __init__(self, model: PyFuncModel, **options: Any) -> None:
        config = EndpointConfig(targets=[EndpointTarget("model")], **options)
        service = Service("wine", config, ["model"], [model], status.nothing)
        self._app = create_app(service, TOKEN, [])

    def request(
        self, method: str, path: str, authorization: str | None = f"Bearer {TOKEN}", **sent: Any
    ) -> httpx.Response:
        headers = sent.pop("headers", {})
        if authorization is not None:
            headers = {**headers, "Authorization": authorization}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, headers=headers, **sent)

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self.request("POST", path, **sent)


@pytest.fixture(scope="module")
def scoring(wine: Any) -> Client:
    return Client(load_model(wine.directory))


class Odd:
    """A model that raises, or gives what cannot be sent."""

    def __init__(self, error: type[BaseException] = RuntimeError) -> None:
        self._error = error

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        if data.sum() > 0:
            raise self._error(f"cannot bear {data}")
        return object()


def odd(*error: type[BaseException]) -> Client:
    return Client(PyFuncModel(Odd(*error), MLmodel(flavors={"python_function": {}})))


def test_liveness_and_version(scoring: Client) -> None:
    assert [scoring.get(path).status_code for path in ("/ping", "/health")] == [200, 200]
    assert scoring.get("/version").text


def test_scores(scoring: Client, wine: Any) -> None:
    body = {"dataframe_split": wine.rows.to_dict(orient="split")}
    answer = scoring.post("/invocations", json=body)
    assert answer.json() == {"predictions": wine.estimator.predict(wine.rows).tolist()}
    assert answer.headers["content-type"] == "application/json"
    csv = wine.rows.to_csv(index=False).encode()
    headers = {"Content-Type": "text/csv"}
    assert scoring.post("/invocations", content=csv, headers=headers).json() == answer.json()


@pytest.mark.parametrize("batch_size", [1, 8])
def test_the_short_way_answers_as_the_long_one_does(wine: Any, batch_size: int) -> None:
    client = Client(load_model(wine.directory), batch_size=batch_size)
    split = wine.rows[:5].to_dict(orient="split")
    long = client.post("/invocations", json={"dataframe_split": split})
    short = client.post("/invocations", json={"dataframe_split": {**split, "index": None}})
    del split["index"]
    for answer in (short, client.post("/invocations", json={"dataframe_split": split})):
        assert (answer.status_code, answer.json()) == (200, long.json())
    names = b'["alcohol", "malic_acid", "ash"]'
    infinite = b'{"dataframe_split": {"columns": %b, "data": [[1, 2, 1e400]]}}' % names
    assert client.post("/invocations", content=infinite).status_code == 400


def test_no_content_type_counts_as_json(scoring: Client) -> None:
    row = b'{"inputs": {"alcohol": 13, "malic_acid": 2, "ash": 2.5, "unknown": 1}}'
    answer = scoring.post("/invocations", content=row)
    assert "content-type" not in answer.request.headers
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/ping", "/health", "/version", "/invocations", "/nowhere"])
@pytest.mark.parametrize("shown", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN])
def test_nothing_answers_without_the_token(scoring: Client, path: str, shown: str | None) -> None:
    for method in ("GET", "POST"):
        answer = scoring.request(method, path, shown)
        assert (answer.status_code, answer.json()["error_code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"{"}, 400, "BAD_REQUEST"),
        ({"json": [1]}, 400, "BAD_REQUEST"),
        ({"json": {}}, 400, "BAD_REQUEST"),
        ({"json": {"inputs": [], "instances": []}}, 400, "BAD_REQUEST"),
        ({"json": {"inputs": {"alcohol": 1}}}, 400, "INVALID_PARAMETER_VALUE"),
        ({"json": {"instances": [[1, 2, 3]]}}, 400, "INVALID_PARAMETER_VALUE"),
        ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "BAD_REQUEST"),
    ],
)
def test_bad_requests(scoring: Client, sent: Any, status: int, code: str) -> None:
    answer = scoring.post("/invocations", **sent)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


def test_other_methods_and_paths(scoring: Client) -> None:
    for path, method, code in (("/invocations", "GET", 405), ("/ping", "POST", 405)):
        answer = scoring.request(method, path)
        assert (answer.status_code, answer.json()["error_code"]) == (code, "BAD_REQUEST")
        assert answer.headers["allow"]
    assert scoring.get("/nowhere").status_code == 404


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b" " * 100


def test_a_body_over_the_limit(wine: Any) -> None:
    small = Client(load_model(wine.directory), max_body=1000)
    assert small.post("/invocations", content=b" " * 1001).status_code == 413
    assert small.post("/invocations", content=_pieces()).status_code == 413  # no length is sent


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError, 400), (InvalidValue, 400), (NotFound, 400), (SystemExit, 500)],
)
def test_a_model_that_raises_is_named_and_the_data_is_not(
    caplog: pytest.LogCaptureFixture, error: type[BaseException], status: int
) -> None:
    answer = odd(error).post("/invocations", json={"inputs": [4711]})
    assert answer.status_code == status
    assert f"The model raised {error.__name__}" in answer.json()["message"]
    assert "4711" not in answer.text
    assert "cannot bear" in caplog.text  # the log is the user's own


def test_predictions_that_cannot_be_sent() -> None:
    answer = odd().post("/invocations", json={"inputs": [0]})
    assert (answer.status_code, answer.json()["error_code"]) == (500, "INTERNAL_ERROR")
