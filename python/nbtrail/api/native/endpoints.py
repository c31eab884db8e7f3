"""The endpoints of a store, and which of them can be asked to score."""

from __future__ import annotations

from threading import Thread
from typing import Any
from urllib.parse import quote

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.models import check_uri
from nbtrail.api.native.signatures import SignatureJson, files_of
from nbtrail.entities import Endpoint, EndpointConfig, EndpointState
from nbtrail.errors import EndpointError, InvalidState, NbtrailError
from nbtrail.serving import configuration, deploy_later, get_endpoint, list_endpoints, stop
from nbtrail.serving.addresses import check_name
from nbtrail.serving.revisions import config_of
from nbtrail.store import Store


class EndpointJson(msgspec.Struct):
    """An endpoint as others may see it: never with its process's address or token.

    `model` and `version` are the registered model's, where its URI names one.
    """

    name: str
    model_uri: str
    model: str | None
    version: str | None
    state: EndpointState
    started: int
    error: str | None
    url: str
    signature: SignatureJson | None
    revision: int
    config: EndpointConfig


class EndpointList(msgspec.Struct):
    """All endpoints."""

    endpoints: list[EndpointJson]


class OneEndpoint(msgspec.Struct):
    """One endpoint."""

    endpoint: EndpointJson


class NewEndpoint(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be served, and under which name."""

    model_uri: str
    name: str
    config: dict[str, Any] = {}


class EndpointNotReady(EndpointError):
    """An endpoint that exists, and has no process that could answer; maybe not yet."""

    http_status = 503
    is_starting = False


def endpoints(context: Context, _request: Request) -> EndpointList:
    """``GET endpoints``."""
    store = context.store()
    if store is None:
        return EndpointList([])
    return EndpointList([endpoint_json(context, store, one) for one in list_endpoints(store)])


def start(context: Context, request: Request) -> Response:
    """``POST endpoints``: 202 while the model loads."""
    wanted = request.body_as(NewEndpoint)
    store = context.existing_store()
    check_uri(wanted.model_uri)
    check_name(wanted.name)
    config = configuration.of(wanted.model_uri, wanted.name, store, wanted.config)
    return accepted(context, store, deploy_later(wanted.model_uri, wanted.name, store, config))


def end(context: Context, request: Request) -> Response:
    """``POST endpoints/{name}/stop``: 202 while requests that run are finished."""
    store, name = context.existing_store(), request.arguments["name"]
    endpoint = get_endpoint(name, store)
    if endpoint.state == "starting":
        raise InvalidState(f"Endpoint '{name}' is being started: stop it when it is ready.")
    Thread(target=stop, args=(name, store), daemon=True).start()
    return accepted(context, store, endpoint)


def ready_endpoint(context: Context, name: str) -> Endpoint:
    """Return the endpoint `name` with the address of its process.

    Raises:
        NotFound: there is no endpoint of this name.
        EndpointNotReady: it is starting, has failed, or was stopped.
    """
    endpoint = get_endpoint(name, context.existing_store())
    if endpoint.state != "ready":
        error = EndpointNotReady(f"The endpoint '{name}' {_why_not_ready(endpoint)}")
        error.is_starting = endpoint.state == "starting"
        raise error
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


def accepted(context: Context, store: Store, endpoint: Endpoint) -> Response:
    """Return the answer to what is under way now."""
    return Response(202, msgspec.json.encode(OneEndpoint(endpoint_json(context, store, endpoint))))


def endpoint_json(context: Context, store: Store, endpoint: Endpoint) -> EndpointJson:
    """Return an endpoint as others may see it."""
    model, version = _registered(store, endpoint.model_uri)
    return EndpointJson(
        name=endpoint.name,
        model_uri=endpoint.model_uri,
        model=model,
        version=version,
        state=endpoint.state,
        started=endpoint.started,
        error=endpoint.error,
        url=f"{context.base_url}nbtrail/endpoints/{quote(endpoint.name, safe='')}/invocations",
        signature=_signature(store, endpoint.model_uri),
        revision=endpoint.revision,
        config=config_of(endpoint.name, store),
    )


def _registered(store: Store, uri: str) -> tuple[str | None, str | None]:
    """Return the name and the version of a registered model that a URI names."""
    name, slash, version = uri.removeprefix("models:/").partition("/")
    if not uri.startswith("models:/"):
        return None, None
    if slash:
        return name, version
    name, at, alias = name.rpartition("@")
    known = {one.name: one.aliases for one in store.registry.models()} if at else {}
    return (name, known[name].get(alias)) if name in known else (None, None)


def _signature(store: Store, uri: str) -> SignatureJson | None:
    """Return what a model takes; None as well where its files are gone or damaged."""
    try:
        return files_of(store, uri).signature
    except NbtrailError:
        return None
