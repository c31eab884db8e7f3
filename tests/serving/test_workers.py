"""Endpoints that go on while their workers die, their functions change and their aliases move."""

from __future__ import annotations

import gzip
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.errors import EndpointError, InvalidState, InvalidValue
from nbtrail.registry import register_model
from nbtrail.serving import functions
from nbtrail.serving.snippets import example
from nbtrail.store import Store


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def area(width: float, height: float = 2.0) -> float:
    import os as operating_system

    if width < -1:
        operating_system._exit(3)
    if width < 0:
        raise ValueError(f"negative: {width}")
    if width > 1000:
        time.sleep(float(width) / 100)
    return width * height


def counted(n: int) -> Iterator[int]:
    yield from range(n)


def twice(width: float, height: float = 2.0) -> float:
    return 2 * width * height


def by_value(function: Any) -> Any:
    """Make a function of this file one of a notebook, which no worker can import."""
    function.__module__ = "__main__"
    return function


def ask(
    endpoint: Endpoint, path: str, body: Any = None, token: str | None = None, **headers: str
) -> tuple[int, Any]:
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://{endpoint.host}:{endpoint.port}{path}",
        data,
        {
            "Authorization": f"Bearer {token or endpoint.token}",
            "Content-Type": "application/json",
            **headers,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=90) as response:
            content = response.read().decode()
            return response.status, json.loads(content) if content[:1] in "{[" else content
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_function_is_a_typed_endpoint(endpoints: Store) -> None:
    one = serving.deploy(by_value(area), "area", store=endpoints, max_body=2000)
    assert ask(one, "/predict", {"width": 3}) == (200, {"result": 6.0})
    assert ask(one, "/invocations", {"inputs": {"width": 3}}) == (200, {"predictions": [6.0]})

    status, error = ask(one, "/predict", {"width": "secret"})
    assert (status, error["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "$.width" in error["message"]
    assert "secret" not in error["message"]
    assert ask(one, "/predict", {"width": 1, "depth": 2})[0] == 400
    assert "ValueError" in ask(one, "/predict", {"width": -0.5})[1]["message"]
    assert ask(one, "/predict", b"[" * 1500)[0] == 400

    bomb = gzip.compress(b" " * 3000)
    assert ask(one, "/predict", bomb, **{"Content-Encoding": "gzip"})[0] == 413
    packed = gzip.compress(b'{"width": 1}')
    assert ask(one, "/predict", packed, **{"Content-Encoding": "gzip"})[1] == {"result": 2.0}
    assert ask(one, "/predict", packed, **{"Content-Encoding": "br"})[0] == 415

    document = ask(one, "/openapi.json")[1]
    taken = document["components"]["schemas"]["Arguments"]
    assert (document["openapi"], taken["required"]) == ("3.1.0", ["width"])
    assert "<script" not in ask(one, "/docs")[1]


def test_the_inference_protocol(endpoints: Store, wine: Any) -> None:
    one = serving.deploy(wine.directory, "wine", store=endpoints, batch_size=8)
    rows = wine.rows.head(2)
    columns = [
        {"name": name, "shape": [2], "datatype": "FP64", "data": values.tolist()}
        for name, values in rows.items()
    ]
    expected = wine.estimator.predict(rows).tolist()
    status, answer = ask(one, "/v2/models/wine/infer", {"id": "7", "inputs": columns})
    assert (status, answer["id"], answer["outputs"][0]["data"]) == (200, "7", expected)
    table = {"name": "x", "shape": [2, 3], "datatype": "FP64", "data": rows.values.tolist()}
    assert ask(one, "/v2/models/wine/infer", {"inputs": [table]})[1]["outputs"] == answer["outputs"]
    assert ask(one, "/v2/models/wine")[1]["inputs"][0]["datatype"] == "FP64"
    assert ask(one, "/v2/models/other/ready")[0] == 404
    bad = {"name": "x", "shape": [4, 3], "datatype": "FP64", "data": rows.values.tolist()}
    assert "error" in ask(one, "/v2/models/wine/infer", {"inputs": [bad]})[1]

    def send(body: Any) -> None:
        answers.append((body, ask(one, "/invocations", body)))

    good = {"dataframe_split": rows.to_dict(orient="split", index=False)}
    wrong = {"dataframe_split": {"columns": ["alcohol"], "data": [[1.0]]}}
    answers: list[Any] = []
    threads = [threading.Thread(target=send, args=(b,)) for b in [good, wrong] * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a for b, a in answers if b is good] == [(200, {"predictions": expected})] * 6
    assert [a[0] for b, a in answers if b is wrong] == [400] * 6


def test_a_generator_streams(endpoints: Store) -> None:
    one = serving.deploy(by_value(counted), "counted", store=endpoints)
    assert ask(one, "/predict", {"n": 2})[1] == "data: 0\n\ndata: 1\n\n"


def test_a_worker_that_dies_is_replaced(endpoints: Store) -> None:
    one = serving.deploy(by_value(area), "area", store=endpoints, deadline_s=1)
    (before,) = serving.workers("area", endpoints)["workers"]
    os.kill(before["pid"], signal.SIGKILL)
    worker = until(lambda: replaced(endpoints, before["pid"]))
    assert (worker["restarts"], "signal 9" in worker["error"]) == (1, True)
    assert ask(one, "/predict", {"width": 3}) == (200, {"result": 6.0})

    status, error = ask(one, "/predict", {"width": 100_000})  # it goes on for a quarter of an hour
    assert (status, error["error_code"]) == (504, "DEADLINE_EXCEEDED")
    worker = until(lambda: replaced(endpoints, worker["pid"]))
    assert "deadline" in worker["error"]
    until(lambda: serving.stats("area", store=endpoints)["totals"]["requests"])

    with pytest.raises(OSError, match=r"closed|reset"):
        ask(one, "/predict", {"width": -2})
    assert ask(one, "/predict", {"width": 3}) == (200, {"result": 6.0})


def replaced(store: Store, pid: int) -> Any:
    (worker,) = serving.workers("area", store)["workers"]
    return worker if worker["state"] == "ready" and worker["pid"] != pid else None


def test_an_alias_that_moves_is_followed_and_rolled_back(endpoints: Store, tmp_path: Path) -> None:
    for number, function in enumerate((area, twice), start=1):
        functions.save(by_value(function), tmp_path / str(number))
        register_model(str(tmp_path / str(number)), "area")
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "MLmodel").write_text((tmp_path / "2" / "MLmodel").read_text())
    register_model(str(tmp_path / "3"), "area")
    endpoints.model_notes.set_alias("area", "champion", "1")
    one = serving.deploy("models:/area@champion", "area", store=endpoints)
    answers: list[Any] = []
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            answers.append(ask(one, "/predict", {"width": 3}))

    asking = threading.Thread(target=go_on)
    asking.start()
    try:
        endpoints.model_notes.set_alias("area", "champion", "2")
        until(lambda: live(endpoints).served == ["models:/area/2"])
        assert ask(one, "/predict", {"width": 3}) == (200, {"result": 12.0})
        endpoints.model_notes.set_alias("area", "champion", "3")  # whose files are gone
        until(
            lambda: "did not take its place" in str(serving.get_endpoint("area", endpoints).error)
        )
        assert ask(one, "/predict", {"width": 3}) == (200, {"result": 12.0})
        serving.rollback("area", store=endpoints)
        assert ask(one, "/predict", {"width": 3}) == (200, {"result": 6.0})
    finally:
        over.set()
        asking.join()
    assert {status for status, _ in answers} == {200}
    assert live(endpoints).config.targets[0].model_uri == "models:/area/1"


def live(store: Store) -> Any:
    return next(one for one in store.endpoints.revisions("area") if one.state == "live")


def test_keys_traffic_and_limits(endpoints: Store, tmp_path: Path) -> None:
    for number, function in enumerate((area, twice)):
        functions.save(by_value(function), tmp_path / str(number))
    targets = [{"model_uri": str(tmp_path / str(number))} for number in range(2)]
    one = serving.deploy(None, "area", store=endpoints, targets=targets, sticky="X-User")
    for user in "abcd":
        found = [ask(one, "/predict", {"width": 1}, **{"X-User": user})[1] for _ in range(3)]
        assert found[0] in ({"result": 2.0}, {"result": 4.0})
        assert found == found[:1] * 3

    key, secret = serving.add_key("area", "ci", "read", 1, endpoints)
    until(lambda: ask(one, "/ping", token=secret) == (200, "OK"))
    assert ask(one, "/predict", {"width": 1}, token=secret)[0] == 403
    assert secret not in str(serving.keys("area", endpoints))
    endpoints.endpoints.delete_key("area", key.id)
    until(lambda: ask(one, "/ping", token=secret)[0] == 401)
    assert "nbtrail_endpoint_requests_total" in ask(one, "/metrics")[1]

    with pytest.raises(InvalidState, match="nothing else"):
        serving.rollback("area", store=endpoints)
    with pytest.raises(InvalidValue, match="Did you mean 'workers'"):
        serving.update("area", endpoints, worker=2)
    with pytest.raises(InvalidValue, match="from 1 to 64"):
        serving.update("area", endpoints, workers=0)


def measured(width: float, unit: Literal["m", "cm"] = "m", *, n: int = 2, tags: list[str]) -> int:
    def inner(other: int) -> int:
        return other

    return inner(n)


def test_the_example_of_a_function_is_one_that_it_takes(store: Store, tmp_path: Path) -> None:
    functions.save(by_value(measured), tmp_path / "model")
    path, body = example(str(tmp_path / "model"), store)
    assert (path, json.loads(body)) == ("predict", {"width": 1.0, "n": 1, "tags": []})


def test_what_becomes_of_a_function(tmp_path: Path, call: Any, endpoints: Store) -> None:
    functions.save(by_value(area), tmp_path / "source")
    assert "def area(width: float" in (tmp_path / "source" / "cells.py").read_text()
    factor = 3

    def scaled(width: Literal[1, 2]) -> int:  # a closure: no source tells what `factor` is
        return factor * width

    with pytest.warns(UserWarning, match="as a pickle by value"):
        one = serving.deploy(by_value(scaled), "scaled", store=endpoints)
    assert ask(one, "/predict", {"width": 2}) == (200, {"result": 6})
    assert ask(one, "/predict", {"width": 3})[0] == 400  # its hints came along
    rows = [{"width": 1}, {"width": 2}]
    assert ask(one, "/invocations", {"instances": rows}) == (200, {"predictions": [3, 6]})
    status, error = ask(one, "/invocations", {"instances": [{"width": 7}]})
    assert (status, error["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_arguments_that_some_rows_leave_out_have_their_defaults(endpoints: Store) -> None:
    one = serving.deploy(by_value(area), "area", store=endpoints)
    rows = [{"width": 1, "height": 5}, {"width": 2}]
    csv = b"width,height\n1,5\n2,\n"
    assert ask(one, "/invocations", csv, **{"Content-Type": "text/csv"})[1] == {
        "predictions": [5.0, 4.0]
    }
    columns = {"width": [1, 2], "height": [5, 2]}
    assert ask(one, "/invocations", {"inputs": columns})[1] == {"predictions": [5.0, 4.0]}
    split = {"columns": ["width"], "data": [[2.5]]}
    assert ask(one, "/invocations", {"dataframe_split": split})[1] == {"predictions": [5.0]}
    for bad in (
        {"inputs": {"width": [1, 2], "height": [1]}},
        {"inputs": {"width": [1], "height": 1}},
        {"dataframe_split": {"columns": ["width"], "data": [[1, 2]]}},
        {"instances": [1]},
        {"instances": [{"width": "1"}]},
    ):
        assert ask(one, "/invocations", bad)[0] == 400
    assert ask(one, "/invocations", {"dataframe_records": rows})[1] == {"predictions": [5.0, 4.0]}


def test_a_function_that_cannot_be_served(endpoints: Store) -> None:
    def catch_all(*values: float) -> float:
        return sum(values)

    with pytest.raises(InvalidValue, match="by name"):
        serving.deploy(catch_all, "all", store=endpoints)
    lock = threading.Lock()
    with pytest.raises(InvalidValue, match="cannot be kept"):
        serving.deploy(by_value(lambda x: lock.locked()), "all", store=endpoints)


def test_an_endpoint_is_started_again_where_it_was(endpoints: Store) -> None:
    one = serving.deploy(by_value(area), "area", store=endpoints)
    serving.stop("area", endpoints)
    again = serving.start("area", endpoints)
    assert (again.port, again.pid != one.pid) == (one.port, True)
    assert ask(again, "/predict", {"width": 3}) == (200, {"result": 6.0})
    serving.delete("area", endpoints)
    assert endpoints.endpoints.revisions("area") == []


def test_a_first_revision_that_fails(endpoints: Store, tmp_path: Path) -> None:
    functions.save(by_value(area), tmp_path / "model")
    (tmp_path / "model" / "cells.py").write_text("no Python")
    with pytest.raises(EndpointError, match=r"did not start.* is not what was saved"):
        serving.deploy(tmp_path / "model", "area", store=endpoints)
    assert serving.get_endpoint("area", endpoints).state == "failed"


def test_endpoints_of_a_file(endpoints: Store, tmp_path: Path) -> None:
    functions.save(by_value(area), tmp_path / "model")
    file = tmp_path / "endpoints.yaml"
    declared = {"area": {"model_uri": str(tmp_path / "model"), "deadline_s": 5}}
    file.write_text(json.dumps({"endpoints": declared}))
    ((one, changed),) = serving.apply(file, endpoints)
    assert (one.state, changed) == ("ready", True)
    ((_, changed),) = serving.apply(file, endpoints)
    assert not changed

    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)  # the supervisor: as when the machine starts again
    until(lambda: serving.get_endpoint("area", endpoints).state == "failed")
    (again,) = serving.start_what_died(endpoints)
    assert ask(again, "/predict", {"width": 3}) == (200, {"result": 6.0})
    assert serving.start_what_died(endpoints) == []

    file.write_text("endpoints: {area: {model_uri: x, targets: []}}")
    with pytest.raises(InvalidValue, match="one of both"):
        list(serving.apply(file, endpoints))
    file.write_text("- area")
    with pytest.raises(InvalidValue, match="does not declare"):
        list(serving.apply(file, endpoints))
