"""The endpoints of a store, and which of them can be asked to score."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.entities import Endpoint, EndpointState
from nbtrail.errors import EndpointError
from nbtrail.serving import get_endpoint, list_endpoints


class EndpointJson(msgspec.Struct):
    """An endpoint as others may see it: never with its process's address or token."""

    name: str
    model_uri: str
    state: EndpointState
    started: int
    error: str | None
    url: str


class EndpointList(msgspec.Struct):
    """All endpoints."""

    endpoints: list[EndpointJson]


class EndpointNotReady(EndpointError):
    """An endpoint that exists, and has no process that could answer."""

    http_status = 503


def endpoints(context: Context, _request: Request) -> EndpointList:
    """``GET endpoints``."""
    store = context.store()
    if store is None:
        return EndpointList([])
    return EndpointList([_json(one, context.base_url) for one in list_endpoints(store)])


def ready_endpoint(context: Context, name: str) -> Endpoint:
    """Return the endpoint `name` with the address of its process.

    Raises:
        NotFound: there is no endpoint of this name.
        EndpointNotReady: it is starting, has failed, or was stopped.
    """
    endpoint = get_endpoint(name, context.existing_store())
    if endpoint.state != "ready":
        raise EndpointNotReady(f"The endpoint '{name}' {_why_not_ready(endpoint)}")
    return endpoint


def deploy_again(endpoint: Endpoint) -> str:
    """Return the advice for an endpoint that has no process."""
    return f"Start it with nbtrail.deploy('{endpoint.model_uri}', name='{endpoint.name}')."


def _why_not_ready(endpoint: Endpoint) -> str:
    match endpoint.state:
        case "stopped":
            return f"was stopped. {deploy_again(endpoint)}"
        case "failed":
            return f"has failed: {endpoint.error or 'its log may say why.'}"
        case _:
            return "is still starting; try again in a moment."


def _json(endpoint: Endpoint, base_url: str) -> EndpointJson:
    return EndpointJson(
        name=endpoint.name,
        model_uri=endpoint.model_uri,
        state=endpoint.state,
        started=endpoint.started,
        error=endpoint.error,
        url=f"{base_url}nbtrail/endpoints/{quote(endpoint.name, safe='')}/invocations",
    )
