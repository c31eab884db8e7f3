"""Bodies, connections and models that mean harm: the right answer, and nobody else notices."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn

from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.errors import NbtrailError
from nbtrail.models import ColSpec, Schema
from nbtrail.serving.scoring import connections, protocol, widths
from nbtrail.serving.scoring.bodies import TOGETHER
from nbtrail.store import Store

SECRET = "secret-4711"


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def harm(how: str, unit: Literal["m", "cm"] = "m") -> int:
    import os
    import sys

    if how == "raise":
        raise ValueError("secret-4711")
    if how == "exit":
        sys.exit(3)
    if how == "memory":
        raise MemoryError
    if how == "die":
        os._exit(3)
    if how == "loop":
        while True:
            pass
    kept = []
    while how == "eat":
        kept.append(b"x" * 20_000_000)
    return 1


def pieces(how: str) -> Iterator[int]:
    import sys

    yield 1
    if how == "exit":
        sys.exit(3)


def ask(
    endpoint: Endpoint, body: bytes, path: str = "/predict", **headers: str
) -> tuple[int, bytes]:
    known = {"Authorization": f"Bearer {endpoint.token}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{endpoint.port}{path}"
    request = urllib.request.Request(url, body, known | headers)
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def do(how: str) -> bytes:
    return json.dumps({"how": how}).encode()


@contextlib.contextmanager
def others(endpoint: Endpoint) -> Iterator[list[int]]:
    """Ask on and on, as somebody else, and collect what they are told."""
    told: list[int] = []
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            # Who is with a worker at the moment of its end must ask again.
            with contextlib.suppress(OSError, http.client.HTTPException):
                told.append(ask(endpoint, do("nothing"))[0])
            over.wait(0.02)

    asking = threading.Thread(target=go_on)
    asking.start()
    try:
        yield told
    finally:
        over.set()
        asking.join()


def test_a_function_that_means_harm(endpoints: Store) -> None:
    harm.__module__ = "__main__"
    one = serving.deploy(harm, "harm", store=endpoints, workers=2, deadline_s=2, max_memory_mb=300)
    with others(one) as told:
        for how, status in (("raise", 400), ("exit", 500), ("memory", 500), ("nothing", 200)):
            answer = ask(one, do(how))
            assert (answer[0], SECRET.encode() in answer[1]) == (status, False)
            row = json.dumps({"instances": [{"how": how}]}).encode()
            assert ask(one, row, "/invocations")[0] == status
        for body in (
            {"how": "x", "unit": SECRET},
            {"how": "x", SECRET: 1},
            {"how": [SECRET]},
            {SECRET: "x"},
        ):
            for path, sent in (("/predict", body), ("/invocations", {"instances": [body]})):
                status, answered = ask(one, json.dumps(sent).encode(), path)
                assert (status, SECRET.encode() in answered) == (400, False)

        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            ask(one, do("die"))
        until(lambda: "It ended with status 3." in errors(endpoints))
        # Where memory comes slowly, the deadline is there first.
        with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError):
            assert ask(one, do("eat"))[0] == 504
        until(lambda: any("used more than" in str(error) for error in errors(endpoints)))
        until(lambda: states(endpoints) == ["ready", "ready"])
    assert set(told) == {200}


@pytest.mark.full  # seconds of a busy processor
def test_a_function_that_never_ends(endpoints: Store) -> None:
    harm.__module__ = "__main__"
    one = serving.deploy(harm, "harm", store=endpoints, workers=2, deadline_s=1)
    with others(one) as told:
        assert ask(one, do("loop"))[0] == 504
        until(lambda: any("after its deadline" in str(error) for error in errors(endpoints)))
        until(lambda: states(endpoints) == ["ready", "ready"])
    assert set(told) == {200}


def workers(store: Store) -> list[Any]:
    found: list[Any] = serving.workers("harm", store)["workers"]
    return found


def errors(store: Store) -> list[str]:
    return [worker["error"] for worker in workers(store)]


def states(store: Store) -> list[str]:
    return [worker["state"] for worker in workers(store)]


def test_a_generator_that_ends_the_process_ends_itself(endpoints: Store) -> None:
    pieces.__module__ = "__main__"
    one = serving.deploy(pieces, "pieces", store=endpoints)
    status, answer = ask(one, do("exit"))
    assert (status, answer.startswith(b"data: 1\n\nevent: error\n")) == (200, True)
    assert b"SystemExit" in answer
    (worker,) = serving.workers("pieces", endpoints)["workers"]
    assert worker["restarts"] == 0
    assert ask(one, do("nothing")) == (200, b"data: 1\n\n")


def test_slow_and_large_bodies_hold_up_nobody(endpoints: Store) -> None:
    harm.__module__ = "__main__"
    options = {"deadline_s": 2.0, "max_body": 100_000, "max_queue": 2}
    one = serving.deploy(harm, "harm", store=endpoints, **options)
    head = (
        f"POST /predict HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {one.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    )
    slow = [socket.create_connection(("127.0.0.1", one.port or 0)) for _ in range(20)]
    try:
        for sender in slow:
            sender.sendall(head.format(1000).encode() + b" " * 10)
        assert ask(one, do("nothing"))[0] == 200  # though they are more than `max_queue`
        for sender in slow:
            assert sender.recv(12) == b"HTTP/1.1 504"
    finally:
        for sender in slow:
            sender.close()

    large = [socket.create_connection(("127.0.0.1", one.port or 0)) for _ in range(TOGETHER + 1)]
    try:
        for sender in large:
            sender.sendall(head.format(95_000).encode() + b" " * 90_000)
        answers = sorted(sender.recv(12) for sender in large)
        assert answers == [b"HTTP/1.1 429"] + [b"HTTP/1.1 504"] * TOGETHER
    finally:
        for sender in large:
            sender.close()

    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert ask(one, bomb, **{"Content-Encoding": "gzip"})[0] == 413
    assert ask(one, b"[" * 90_000)[0] == 400
    assert ask(one, do("nothing"))[0] == 200


async def _app(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server with connections of ours, which lose patience soon; its port."""
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    settings = {"http": connections.Connection, "ws": "none", "lifespan": "off", "port": 0}
    running = uvicorn.Server(uvicorn.Config(_app, log_level="critical", **settings))
    thread = threading.Thread(target=running.run)
    thread.start()
    until(lambda: running.started)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join()


ASKED = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", ASKED + b"{}", ASKED + b"{}GET / H"])
def test_who_does_not_get_on_with_a_request_is_left(server: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server), timeout=60) as sender:
        sender.sendall(sent)
        answer = b""
        while piece := sender.recv(1000):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200") is (ASKED in sent)


def test_who_gets_on_slowly_is_waited_for(server: int) -> None:
    with socket.create_connection(("127.0.0.1", server), timeout=60) as sender:
        sender.sendall(ASKED + b"{")
        time.sleep(1)  # several looks
        sender.sendall(b"}")
        assert sender.recv(12) == b"HTTP/1.1 200"


def test_a_head_has_an_end(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 60)
    with socket.create_connection(("127.0.0.1", server), timeout=60) as sender:
        sender.sendall(b"GET / HTTP/1.1\r\n")
        line = b"X: " + b"x" * 8000 + b"\r\n"
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            sender.sendall(line * 10_000)


TABLE = Schema([ColSpec("double", "a"), ColSpec("double", "b")])
MANY = range(widths.UNKNOWN + 10)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ({"inputs": {f"c{n}": 1 for n in MANY}}, None),
        ({"instances": [{f"c{n}": 1} for n in MANY]}, None),
        ({"dataframe_records": [{f"c{n}": 1 for n in MANY}]}, None),
        ({"dataframe_split": {"columns": [f"c{n}" for n in MANY], "data": []}}, None),
        (",".join(f"c{n}" for n in MANY) + "\n", "text/csv"),
        ("a,b\n" + "1," * 5000, "text/csv"),
        ('a,b\n"1\n2",2,3', "text/csv"),
    ],
)
def test_a_table_of_too_many_columns_is_refused(body: Any, content_type: str | None) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(NbtrailError, match=r"more columns than|more values than") as caught:
        protocol.parse(content.encode(), content_type, TABLE)
    assert caught.value.http_status == 400


def test_rows_without_keys_in_common_are_no_table() -> None:
    rows = {"dataframe_records": [{f"c{n}": n} for n in range(2000)]}
    with pytest.raises(NbtrailError, match="too few keys in common"):
        protocol.parse(json.dumps(rows).encode(), None, None)


@pytest.mark.parametrize("name", ["..", "../x", "%2e%2e%2fx", "x/../../y", "x\0y", "", "x" * 300])
def test_a_name_that_is_a_path_leads_nowhere(
    endpoints: Store, echo: Path, tmp_path: Path, name: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    for attempt in (
        lambda: serving.deploy(echo, name, store=endpoints),
        lambda: serving.deploy_later(str(echo), name, endpoints),
        lambda: serving.start(name, endpoints),
        lambda: serving.stop(name, endpoints),
        lambda: serving.delete(name, endpoints),
        lambda: serving.update(name, endpoints, workers=2),
        lambda: serving.rollback(name, store=endpoints),
        lambda: serving.log_lines(name, 10, endpoints),
        lambda: serving.log_lines(name, 10, endpoints, access=True),
        lambda: serving.workers(name, endpoints),
        lambda: serving.add_key(name, "ci", store=endpoints),
    ):
        with pytest.raises(NbtrailError, match=r"cannot name an endpoint|no endpoint"):
            attempt()
    assert sorted(path for path in tmp_path.rglob("*") if path.suffix != ".db-shm") == [
        path for path in before if path.suffix != ".db-shm"
    ]
