"""Which route a raw request path means.

The path is split while it is still percent-encoded, and each segment is decoded once: an
encoded slash stays inside its segment, and ``.``, ``..`` or an empty segment, however they are
written, match nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from urllib.parse import unquote

from nbtrail.errors import NbtrailError, NotFound, did_you_mean

Action = Literal["read", "write", "execute"]
H = TypeVar("H")


class RouteNotFound(NotFound):
    """A path that no route has."""

    error_code = "ENDPOINT_NOT_FOUND"


class MethodNotAllowed(NbtrailError):
    """A path that is there for other methods than the one asked for."""

    error_code = "BAD_REQUEST"
    http_status = 405

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(f"{method} is not possible here; use {self.allowed}.")


@dataclass(frozen=True)
class Route(Generic[H]):
    """One row of the route table.

    `template` is a path below the table's prefix, such as ``runs/{run_id}/trail``. `action` is
    what an Authorizer is asked about, in Jupyter's words: a search that travels by POST is a
    ``read`` all the same, and what runs a notebook or loads a model is an ``execute``.
    """

    method: str
    template: str
    action: Action
    handler: H

    def arguments(self, segments: list[str]) -> dict[str, str] | None:
        """Return the values of the template's placeholders, or None if it does not match."""
        parts = self.template.split("/")
        if len(parts) != len(segments):
            return None
        pairs = list(zip(parts, segments, strict=True))
        if any(part != segment for part, segment in pairs if not _is_placeholder(part)):
            return None
        return {part[1:-1]: segment for part, segment in pairs if _is_placeholder(part)}


@dataclass(frozen=True)
class Match(Generic[H]):
    """A route, and the decoded values that the path has for its placeholders."""

    route: Route[H]
    arguments: Mapping[str, str]


class RouteTable(Generic[H]):
    """All routes below one prefix; the first that matches counts."""

    def __init__(self, routes: Iterable[Route[H]]) -> None:
        self.routes = tuple(routes)

    def match(self, method: str, path: str) -> Match[H]:
        """Return the route of a raw (still percent-encoded) path.

        Raises:
            RouteNotFound: no route has this path.
            MethodNotAllowed: it has routes, but none for this method.
        """
        segments = _decoded(path)
        found = [
            Match(route, arguments)
            for route in self.routes
            if (arguments := route.arguments(segments)) is not None
        ]
        if not found:
            known = (route.template for route in self.routes)
            raise RouteNotFound(f"There is nothing at this path.{did_you_mean(path, known)}")
        for match in found:
            if match.route.method == method:
                return match
        raise MethodNotAllowed(method, {match.route.method for match in found})


def _is_placeholder(part: str) -> bool:
    return part.startswith("{")


def _decoded(path: str) -> list[str]:
    try:
        segments = [unquote(raw, errors="strict") for raw in path.split("/")]
    except UnicodeDecodeError:
        segments = [""]
    if any(segment in {"", ".", ".."} or "\0" in segment for segment in segments):
        raise RouteNotFound("There is nothing at this path.")
    return segments
