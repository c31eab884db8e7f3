"""Who is answered: with a token, or without one on this machine only; never a page of others."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.errors import AlreadyExists, InvalidValue
from nbtrail.serving.scoring.access import is_loopback
from nbtrail.store import Store


def ask(endpoint: Endpoint, method: str = "POST", **headers: str) -> tuple[int, Any, Any]:
    """Send a request with these headers and no others."""
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port or 0, timeout=90)
    try:
        body = b'{"inputs": [1.5]}' if method == "POST" else None
        path = "/invocations" if method == "POST" else "/ping"
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content[:1] == b"{" else content, answer
    finally:
        connection.close()


def test_without_a_token_on_this_machine_only(endpoints: Store, echo: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        with pytest.raises(InvalidValue, match=f"auth: none.*not on {host}"):
            serving.deploy(echo, "echo", host=host, store=endpoints, auth="none")
    assert [one.state for one in serving.list_endpoints(endpoints)] == []
    one = serving.deploy(echo, "echo", store=endpoints, auth="none")
    assert ask(one)[:2] == (200, {"predictions": [1.5]})
    assert ask(one, Host=f"localhost:{one.port}")[0] == 200
    assert ask(one, Origin=f"http://127.0.0.1:{one.port}")[0] == 200
    # A page of somebody's in the user's browser, and a name of theirs that leads here.
    for strange in (
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Host": "example.org"},
        {"Host": f"127.0.0.1.example.org:{one.port}"},
        {"Host": "a@127.0.0.1"},
    ):
        status, error, _ = ask(one, **strange)
        assert (status, error["error_code"]) == (403, "PERMISSION_DENIED")
    again = serving.update("echo", endpoints, auth="token")
    assert ask(again)[0] == 401


def test_no_page_of_another_origin_reads_an_answer(endpoints: Store, echo: Path) -> None:
    one = serving.deploy(echo, "echo", store=endpoints)
    asked = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    status, _, preflight = ask(one, "OPTIONS", **asked)
    assert status == 401
    allowed = {"Authorization": f"Bearer {one.token}", "Origin": "https://example.org"}
    status, _, answered = ask(one, **allowed)
    assert status == 200
    for answer in (preflight, answered):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback(host: str, told: bool) -> None:
    assert is_loopback(host) is told


def test_what_is_created_is_new_and_what_changes_stays_where_it_is(
    endpoints: Store, echo: Path
) -> None:
    one = serving.deploy(echo, "echo", host="127.0.0.2", store=endpoints, replace=False)
    with pytest.raises(AlreadyExists, match="'echo' already: update it"):
        serving.deploy(echo, "echo", store=endpoints, replace=False)
    two = serving.update("echo", endpoints, workers=2)
    assert (two.host, two.port, two.pid) == ("127.0.0.2", one.port, one.pid)
