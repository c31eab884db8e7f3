"""Nobody without the token gets an answer, and an Authorizer has the last word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, IdentityProvider, User
from jupyter_server.serverapp import ServerApp
from tornado.web import RequestHandler

from nbtrail.server.jupyter.handlers import NbtrailHandler, person
from nbtrail.store import Store
from nbtrail.store.chain import By

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BASE = "/a%40b/"


def rules(app: ServerApp) -> Iterator[tuple[str, type[RequestHandler]]]:
    """Yield the pattern and handler of every rule that this extension added to the server."""
    for host in app.web_app.default_router.rules:
        for rule in getattr(host.target, "rules", ()):
            if "nbtrail" in rule.matcher.regex.pattern:
                yield rule.matcher.regex.pattern, rule.target


def paths(app: ServerApp) -> list[tuple[str, str]]:
    """Return a method and a path for every route, and for every rule one that is no route."""
    found = []
    for pattern, handler in rules(app):
        prefix = re.split(r"\.\*|\(", pattern)[0].removeprefix(BASE).rstrip("$")
        assert issubclass(handler, NbtrailHandler), pattern
        for route in handler.routes.routes:
            path = re.sub(r"\{\w+\}", "x", route.template)
            found += [(method, f"{prefix}{path}") for method in METHODS]
        found += [(method, f"{prefix.rstrip('/')}/nothing") for method in METHODS]
    return found


async def refused(fetch: Any, app: ServerApp, **options: Any) -> None:
    walked = paths(app)
    assert len(walked) >= 7 * 15
    for method, path in walked:
        response = await fetch(path, method=method, token=False, **options)
        assert response.code == 403, (method, path, response.code)
        if method != "HEAD":
            assert set(json.loads(response.body)) == {"error_code", "message"}, path


async def test_every_route_refuses_a_request_without_the_token(
    fetch: Any, jp_serverapp: ServerApp
) -> None:
    await refused(fetch, jp_serverapp)


async def test_every_route_refuses_a_wrong_token(fetch: Any, jp_serverapp: ServerApp) -> None:
    await refused(fetch, jp_serverapp, headers={"Authorization": "Bearer wrong"})


class TestWithUnauthenticatedAccess:
    """The server's own safety net is off; each handler still asks by itself."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["allow_unauthenticated_access"] = True
        return jp_server_config

    async def test_every_route_refuses_all_the_same(
        self, fetch: Any, jp_serverapp: ServerApp
    ) -> None:
        await refused(fetch, jp_serverapp)


class Remembering(Authorizer):
    """Allows reading and nothing else; notes what it was asked."""

    asked: list[tuple[str, str]] = []

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return action == "read"


class TestWithAnAuthorizer:
    """An Authorizer that lets users only read."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        Remembering.asked.clear()
        jp_server_config["ServerApp"]["authorizer_class"] = Remembering
        return jp_server_config

    async def test_a_read_is_allowed_even_when_it_is_posted(self, fetch: Any) -> None:
        body = json.dumps({"run_ids": [], "keys": []})
        response = await fetch("nbtrail/api/history", method="POST", body=body)
        assert response.code == 200
        assert Remembering.asked == [("read", "nbtrail")]

    async def test_a_write_is_denied(self, fetch: Any) -> None:
        response = await fetch("nbtrail/endpoints/x/invocations", method="POST", body="{}")
        assert (response.code, json.loads(response.body)["error_code"]) == (
            403,
            "PERMISSION_DENIED",
        )
        assert Remembering.asked == [("write", "nbtrail")]

    @pytest.mark.parametrize(
        "path", ["jobs", "sweeps", "jobs/x/retry", "runs/x/rerun", "runs/x/reproduce", "endpoints"]
    )
    async def test_what_runs_code_is_an_execution(self, fetch: Any, path: str) -> None:
        response = await fetch(f"nbtrail/api/{path}", method="POST", body="{}")
        assert (response.code, json.loads(response.body)["error_code"]) == (
            403,
            "PERMISSION_DENIED",
        )
        assert Remembering.asked == [("execute", "nbtrail")]


async def test_a_browsers_post_needs_the_xsrf_cookie(fetch: Any, jp_serverapp: ServerApp) -> None:
    """A browser is known by its cookie, which any page can make it send."""
    token = jp_serverapp.identity_provider.token
    login = await fetch(f"api/status?token={token}", token=False)
    cookies = "; ".join(c.partition(";")[0] for c in login.headers.get_list("Set-Cookie"))
    headers = {"Cookie": cookies}
    read = await fetch("nbtrail/api/status", token=False, headers=headers)
    assert read.code == 200
    post = await fetch(
        "nbtrail/api/history", token=False, headers=headers, method="POST", body="{}"
    )
    assert (post.code, json.loads(post.body)["error_code"]) == (403, "PERMISSION_DENIED")


class Named(IdentityProvider):
    """Says who each is that has the token."""

    def get_user(self, handler: Any) -> Any:
        return User("ada", "Ada Lovelace") if self.is_token_authenticated(handler) else None

    def is_token_authenticated(self, handler: Any) -> bool:
        return self.get_token(handler) == self.token


class TestWithNames:
    """An IdentityProvider that knows who asks."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["identity_provider_class"] = Named
        return jp_server_config

    async def test_a_history_names_who_asked(self, fetch: Any, server_store: Store) -> None:
        server_store.registry.edits.create("wine", by=By(who="somebody"))
        run = server_store.runs.create("0", "old")
        asked = {"models/wine": {"description": "red"}, f"runs/{run.info.run_id}": {"note": "x"}}
        for path, body in asked.items():
            response = await fetch(f"nbtrail/api/{path}", method="PATCH", body=json.dumps(body))
            assert response.code == 200, response.body
        changes = server_store.registry.edits.history("wine")
        assert [one.who for one in changes] == ["ada", "somebody"]
        assert {one.who for one in server_store.audit.of("run", run.info.run_id)} == {"ada"}


async def test_who_has_the_token_alone_is_the_servers_user(fetch: Any, server_store: Store) -> None:
    server_store.registry.edits.create("wine")
    await fetch("nbtrail/api/models/wine", method="PATCH", body='{"description": "red"}')
    assert len({one.who for one in server_store.registry.edits.history("wine")}) == 1
    assert person(User("ada")) == "ada"
    assert person(User("ada", "Anonymous Ada")) == "ada"
    assert person(User("f" * 32, "Anonymous Carme")) is None
