"""Large files are streamed: in pieces, as fast as the client takes them, and only to who may."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer

from nbtrail.artifacts import ArtifactRepository
from nbtrail.store import Store

LARGE = 2 << 30


@pytest.fixture
def large(server_store: Store) -> str:
    """Return the path of a file of 2 GB that takes no room on the disk."""
    run = server_store.runs.create("0").info
    folder = ArtifactRepository(run.artifact_uri).local_path()
    folder.mkdir(parents=True)
    with (folder / "large.bin").open("wb") as file:
        file.truncate(LARGE)
        file.seek(LARGE - 4)
        file.write(b"end!")
    return f"nbtrail/api/runs/{run.run_id}/artifacts/content?path=large.bin"


async def test_the_end_of_a_large_file(fetch: Any, large: str) -> None:
    response = await fetch(large, headers={"Range": "bytes=-4"})
    assert (response.code, response.body) == (206, b"end!")
    assert response.headers["Content-Range"] == f"bytes {LARGE - 4}-{LARGE - 1}/{LARGE}"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    again = await fetch(large, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.code, again.body) == (304, b"")


def memory() -> int:
    """Return the bytes that this process, the server's as well, has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def test_a_client_that_takes_little_costs_little(
    fetch: Any, large: str, jp_serverapp: Any, jp_http_port: int
) -> None:
    """The server waits for the client, notices that it has gone, and answers others meanwhile."""
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    token = jp_serverapp.identity_provider.token
    before = memory()
    request = (
        f"GET /a%40b/{large} HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {token}\r\n\r\n"
    )
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert f"Content-Length: {LARGE}".encode() in head
    await reader.readexactly(1 << 20)
    assert (await fetch("nbtrail/api/status")).code == 200
    assert memory() - before < 64 << 20
    writer.close()
    assert (await fetch(large, headers={"Range": "bytes=0-1"})).code == 206


class Nobody(Authorizer):
    """Allows nothing."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return False


class TestWithAnAuthorizer:
    """An Authorizer that refuses."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = Nobody
        return jp_server_config

    async def test_nothing_is_sent(self, fetch: Any, large: str) -> None:
        response = await fetch(large)
        assert response.code == 403
        assert len(response.body) < 300
