"""What an endpoint's processes leave on the disk, and that it does not grow for ever."""

from __future__ import annotations

import asyncio
import json
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.errors import InvalidState
from nbtrail.serving import logs, snapshots
from nbtrail.serving.scoring.access_log import AccessLog
from nbtrail.store import Store


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def ask(endpoint: Endpoint, path: str, body: bytes | None = None, **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {endpoint.token}", **headers}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(f"http://127.0.0.1:{endpoint.port}{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def test_each_request_is_noted_without_what_was_sent(endpoints: Store, echo: Path) -> None:
    one = serving.deploy(echo, "echo", store=endpoints)
    secret = b'{"inputs": ["secret-4711"]}'
    asked = [
        ask(one, "/invocations?key=secret-4711", secret, **{"X-Request-Id": "from-a-proxy.1"}),
        ask(one, "/invocations", b'{"secret-4711"', **{"X-Request-Id": "secret 4711"}),
        ask(one, "/ping", Authorization="secret-4711"),
        ask(one, "/nowhere"),
    ]
    lines = until(lambda: (found := told(endpoints)) and len(found) == 4 and found)
    assert [line["status"] for line in lines] == [200, 400, 401, 404]
    assert [line["request_id"] for line in lines] == [answer["X-Request-Id"] for _, answer in asked]
    assert lines[0]["request_id"] == "from-a-proxy.1"
    assert [line["path"] for line in lines[:3]] == ["/invocations", "/invocations", "/ping"]
    assert (lines[0]["method"], lines[2]["method"]) == ("POST", "GET")
    assert [line["model"] for line in lines] == [str(echo), str(echo), None, None]
    assert {line["revision"] for line in lines} == {1}
    assert all(line["ms"] > 0 and line["time"] > one.started for line in lines)
    file = logs.access_path(endpoints, "echo")
    assert "4711" not in file.read_text() + "".join(serving.log_lines("echo", 100, endpoints))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    serving.delete("echo", endpoints)
    assert [path.name for path in file.parent.glob("echo*log*")] == []


def told(store: Store) -> list[Any]:
    return [json.loads(line) for line in serving.log_lines("echo", 100, store, access=True)]


def test_logs_that_have_grown_make_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST", 10)
    log, access = serving.log_path(store, "wine"), logs.access_path(store, "wine")
    with log.open("ab") as output:  # as a worker holds it
        output.write(b"first" * 5)
        output.flush()
        logs.rotate(store, "wine")
        output.write(b"second")
    assert (log.read_bytes(), log.with_name("wine.log.1").read_bytes()) == (b"second", b"first" * 5)
    for number in range(logs.KEPT + 3):
        access.write_bytes(b"%d" % number * 20)
        logs.rotate(store, "wine")
    kept = [access.with_name(f"wine.access.log.{n}").read_bytes()[:1] for n in (1, 2, 3)]
    assert (access.exists(), kept) == (False, [b"5", b"4", b"3"])
    logs.remove(store, "wine")
    assert list(log.parent.glob("wine*")) == []


def test_the_last_lines_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_READ", 12)
    (tmp_path / "x.log").write_text("one\ntwo\nthree\nfour\n")
    assert logs.last_lines(tmp_path / "x.log", 9) == ["three", "four"]
    assert logs.last_lines(tmp_path / "none.log", 9) == []


def test_an_access_log_that_cannot_be_written_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return  # whoever asked has gone

    async def nothing(*_: Any) -> Any:
        return {}

    log = AccessLog(app, tmp_path / "none" / "x.log", 1)
    for _ in range(2):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        asyncio.run(log(scope, nothing, nothing))
        log.flush()
    assert caplog.text.count("cannot be written") == 1
    (tmp_path / "none").mkdir()
    asyncio.run(log(scope, nothing, nothing))
    log.flush()
    (line,) = logs.last_lines(tmp_path / "none" / "x.log", 9)
    assert json.loads(line)["status"] == 499


def one_of_many(number: int) -> int:
    return number


def test_snapshots_that_nothing_can_serve_again_are_collected(
    endpoints: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_of_many.__module__ = "__main__"
    monkeypatch.setattr(snapshots, "KEPT", 1)
    for _ in range(3):
        serving.deploy(one_of_many, "many", store=endpoints)
    first, second, third = [one.served[0] for one in serving.revisions("many", endpoints)][::-1]
    assert serving.collect_snapshots(endpoints) == 0  # one of another process may be that young
    assert snapshots.collect(endpoints, young=0) > 0
    assert [Path(one).exists() for one in (first, second, third)] == [False, True, True]
    with pytest.raises(InvalidState, match=r"revision 1 .* not kept any more"):
        serving.rollback("many", 1, endpoints)
    assert serving.rollback("many", store=endpoints).model_uri == second
    serving.delete("many", endpoints)
    assert not Path(second).exists()
    assert not Path(third).exists()
