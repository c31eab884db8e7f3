"""Raw paths and what they mean."""

from __future__ import annotations

import pytest

from nbtrail.api.native import ROUTES
from nbtrail.api.routes import MethodNotAllowed, Route, RouteNotFound, RouteTable

TABLE = RouteTable(
    [
        Route("GET", "runs", "read", "list"),
        Route("POST", "runs", "write", "create"),
        Route("GET", "runs/{run_id}", "read", "one"),
        Route("GET", "runs/{run_id}/trail", "read", "trail"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "handler", "arguments"),
    [
        ("GET", "runs", "list", {}),
        ("POST", "runs", "create", {}),
        ("GET", "runs/abc", "one", {"run_id": "abc"}),
        ("GET", "runs/abc/trail", "trail", {"run_id": "abc"}),
        ("GET", "r%75ns", "list", {}),
        ("GET", "runs/a%2Fb", "one", {"run_id": "a/b"}),
        ("GET", "runs/a%252Fb", "one", {"run_id": "a%2Fb"}),
        ("GET", "runs/a%20+b", "one", {"run_id": "a +b"}),
        ("GET", "runs/caf%C3%A9", "one", {"run_id": "café"}),
        ("GET", "runs/..%2f..%2fetc", "one", {"run_id": "../../etc"}),
    ],
)
def test_a_path_is_split_raw_and_decoded_once(
    method: str, path: str, handler: str, arguments: dict[str, str]
) -> None:
    match = TABLE.match(method, path)
    assert (match.route.handler, match.arguments) == (handler, arguments)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "runs/",
        "/runs",
        "runs//trail",
        "runs/.",
        "runs/..",
        "runs/%2e%2e",
        "runs/%2E%2e/trail",
        "runs/%00",
        "runs/%ff",
        "runs/a/b/c",
        "runs%2Fabc",
        "nothing",
    ],
)
def test_what_is_no_path_of_the_table_matches_nothing(path: str) -> None:
    with pytest.raises(RouteNotFound):
        TABLE.match("GET", path)


def test_an_unknown_path_names_the_closest() -> None:
    with pytest.raises(RouteNotFound, match="Did you mean 'runs'"):
        TABLE.match("GET", "run")


def test_another_method_is_told_which_ones_there_are() -> None:
    with pytest.raises(MethodNotAllowed, match="use GET, POST") as raised:
        TABLE.match("DELETE", "runs")
    assert raised.value.allowed == "GET, POST"


def test_what_only_reads() -> None:
    """All but GET is a write, except searches that travel by POST."""
    assert all(r.action == "read" for r in ROUTES.routes if r.method == "GET")
    reads = {r.template for r in ROUTES.routes if r.method != "GET" and r.action == "read"}
    assert reads == {"table", "history", "groups", "importance"}
