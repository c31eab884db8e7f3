"""The scoring proxy between real sockets: what is kept, what streams, what is broken off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.simple_httpclient import HTTPStreamClosedError

from nbtrail import serving
from nbtrail.entities import Endpoint, EndpointConfig, EndpointTarget
from nbtrail.serving.supervision import liveness
from nbtrail.store import Store

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


async def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.fixture
def behind(server_store: Store, jp_serverapp: Any) -> Iterator[Any]:
    """Return a function that lets the endpoint 'wine' be answered by a coroutine."""
    with contextlib.ExitStack() as stack:

        async def listen(answering: Answering, **config: Any) -> list[asyncio.StreamWriter]:
            connections: list[asyncio.StreamWriter] = []

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                connections.append(writer)
                with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                    await answering(reader, writer, len(connections))
                writer.close()

            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            stack.callback(server.close)
            row = Endpoint(
                "wine",
                "models:/wine/1",
                "127.0.0.1",
                port=server.sockets[0].getsockname()[1],
                pid=os.getpid(),
                token="its-own",
                state="ready",
                started=1,
            )
            server_store.endpoints.put(row)
            wanted = EndpointConfig(targets=[EndpointTarget("models:/wine/1")], **config)
            server_store.endpoints.add_revision("wine", wanted, "somebody")
            lock = liveness.worker_lock(server_store, "wine", os.getpid())
            stack.enter_context(liveness.hold(lock))
            return connections

        yield listen


async def head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


async def answer_all(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
) -> None:
    """Answer each request with its own head, on a connection that stays."""
    while True:
        asked = await head(reader)
        length = re.search(r"Content-Length: (\d+)", asked)
        await reader.readexactly(int(length[1]) if length else 0)
        told = json.dumps({"head": asked, "connection": number}).encode()
        extra = b"Retry-After: 7\r\nX-Nbtrail-Model: models:/wine/1\r\nKeep-Alive: 5\r\n"
        writer.write(OK + extra + b"Content-Length: %d\r\n\r\n" % len(told) + told)
        await writer.drain()


@pytest.fixture
def post(jp_serverapp: Any, http_server: Any, http_server_port: Any) -> Any:
    """Return a function that sends the beginning of a request, and leaves the rest to the test."""

    async def send(path: str, length: int, first: bytes) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", http_server_port[1])
        token = jp_serverapp.identity_provider.token
        head = f"POST /a%40b/nbtrail/endpoints/{path} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
        writer.write(head.encode() + first)
        await writer.drain()
        return reader, writer

    return send


async def test_connections_are_kept(fetch: Any, behind: Any) -> None:
    connections = await behind(answer_all)
    for number in range(4):
        response = await fetch(
            "nbtrail/endpoints/wine/invocations", method="POST", body="x" * number
        )
        assert response.code == 200
    assert len(connections) == 1


async def test_headers_that_matter_travel(fetch: Any, behind: Any) -> None:
    await behind(answer_all, sticky="X-Customer")
    response = await fetch(
        "nbtrail/endpoints/wine/v2/models/wi%2Fne/versions/3/infer",
        method="POST",
        body="{}",
        headers={
            "X-Customer": "c7",
            "Content-Encoding": "gzip",
            "X-Request-Id": "r1",
            "X-Secret-Of-The-Gateway": "s",
            "TE": "trailers",
        },
    )
    asked = json.loads(response.body)["head"]
    assert asked.startswith("POST /v2/models/wi%2Fne/versions/3/infer HTTP/1.1\r\n")
    for line in ("X-Customer: c7", "Content-Encoding: gzip", "X-Request-Id: r1"):
        assert f"\r\n{line}\r\n" in asked
    assert "Gateway" not in asked
    assert "trailers" not in asked
    assert response.headers["Retry-After"] == "7"
    assert response.headers["X-Nbtrail-Model"] == "models:/wine/1"
    assert "Keep-Alive" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "wine/v2/models/%2e%2e/infer",
        "wine/v2/models/..",
        "wine/../wine/ping",
        "wine//ping",
        "wine/ping/",
        "wine/v2/models/wine/versions/1/2/infer",
        "%2e%2e/ping",
    ],
)
async def test_path_tricks_are_refused(fetch: Any, behind: Any, path: str) -> None:
    connections = await behind(answer_all)
    response = await fetch(f"nbtrail/endpoints/{path}")
    assert (response.code, connections) == (404, [])


async def test_a_kept_connection_that_nobody_reads_is_asked_anew(fetch: Any, behind: Any) -> None:
    async def once(reader: Any, writer: Any, number: int) -> None:
        if number > 1:
            await answer_all(reader, writer, number)
        await head(reader)
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")
        await head(reader)  # and goes away without an answer

    connections = await behind(once)
    for expected in (1, 2):
        response = await fetch("nbtrail/endpoints/wine/ping")
        assert (response.code, len(connections)) == (200, expected)


async def test_an_answer_that_is_cut_off_is_not_made_whole(fetch: Any, behind: Any) -> None:
    async def cut(reader: Any, writer: Any, _number: int) -> None:
        await head(reader)
        writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")

    await behind(cut)
    with pytest.raises(HTTPStreamClosedError):
        await fetch("nbtrail/endpoints/wine/ping")


async def test_a_process_that_dies_over_a_request_is_a_502(fetch: Any, behind: Any) -> None:
    async def die(reader: Any, _writer: Any, _number: int) -> None:
        await head(reader)

    connections = await behind(die)
    response = await fetch("nbtrail/endpoints/wine/invocations", method="POST", body="{}")
    assert (response.code, len(connections)) == (502, 1)
    assert "does not answer" in json.loads(response.body)["message"]


async def test_a_large_body_goes_on_as_it_comes(post: Any, behind: Any) -> None:
    begun = asyncio.Event()

    async def count(reader: Any, writer: Any, _number: int) -> None:
        await head(reader)
        await reader.readexactly(100_000)
        begun.set()
        await reader.readexactly(300_000)
        writer.write(OK + b"Content-Length: 3\r\n\r\nall")

    await behind(count)
    reader, writer = await post("wine/predict", 400_000, b"x" * 200_000)
    await begun.wait()
    writer.write(b"x" * 200_000)
    assert b"200 OK" in await reader.readline()
    assert (await reader.readuntil(b"all")).endswith(b"all")
    writer.close()


async def test_the_endpoints_own_limit_of_a_body_holds(fetch: Any, behind: Any) -> None:
    connections = await behind(answer_all, max_body=1000)
    response = await fetch("nbtrail/endpoints/wine/predict", method="POST", body="x" * 1001)
    assert (response.code, connections) == (413, [])


async def test_who_starts_is_asked_again_in_a_moment(fetch: Any, server_store: Store) -> None:
    row = Endpoint(
        "e",
        "models:/wine/1",
        "127.0.0.1",
        port=None,
        pid=os.getpid(),
        token="t",
        state="starting",
        started=1,
    )
    server_store.endpoints.put(row)
    with liveness.hold(liveness.worker_lock(server_store, "e", os.getpid())):
        response = await fetch("nbtrail/endpoints/e/predict", method="POST", body="{}")
    assert (response.code, response.headers["Retry-After"]) == (503, "1")


def steps(folder: str) -> Iterator[int]:
    """Yield a number for each file that is there, then more and more; leave one at the end."""
    import pathlib
    import time as clock

    number = 0
    try:
        while True:
            yield number
            while number < 3 and not pathlib.Path(folder, f"go{number}").exists():
                clock.sleep(0.01)
            clock.sleep(0.001)
            number += 1
    finally:
        pathlib.Path(folder, "over").touch()


async def test_events_arrive_as_they_are_made(
    post: Any, server_store: Store, tmp_path: Path
) -> None:
    steps.__module__ = "__main__"  # as if of a notebook, which no worker can import
    serving.deploy(steps, "steps", store=server_store)
    try:
        body = json.dumps({"folder": str(tmp_path)}).encode()
        reader, writer = await post("steps/predict", len(body), body)
        assert b"text/event-stream" in await reader.readuntil(b"\r\n\r\n")
        for number in range(3):  # each is read before the next can be made
            assert b"data: %d\n" % number in await reader.readuntil(b"\n\n")
            (tmp_path / f"go{number}").touch()
        writer.transport.abort()
        await until((tmp_path / "over").exists)
    finally:
        await asyncio.to_thread(serving.stop, "steps", server_store)
