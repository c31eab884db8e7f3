"""Endpoints while they serve: how their workers are, what they answer, and changes to them."""

from __future__ import annotations

import contextlib
from threading import Thread
from typing import Any

import msgspec

from nbtrail import serving
from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.endpoints import OneEndpoint, accepted, endpoint_json
from nbtrail.entities import EndpointConfig, EndpointKey, KeyScope, RevisionState
from nbtrail.errors import InvalidState, NbtrailError
from nbtrail.serving import snippets as writing
from nbtrail.serving.revisions import later
from nbtrail.store import Store


class RevisionJson(msgspec.Struct):
    """A revision, without what only its supervisor needs."""

    revision: int
    config: EndpointConfig
    created: int
    user: str
    state: RevisionState
    error: str | None


class KeyJson(msgspec.Struct):
    """A key, without its digest."""

    id: str
    name: str
    scope: KeyScope
    created: int
    expires: int | None


class _Seconds(msgspec.Struct, forbid_unknown_fields=True):
    seconds: int = 300


class _Lines(msgspec.Struct, forbid_unknown_fields=True):
    lines: int = 200
    access: bool = False


class _Rollback(msgspec.Struct, forbid_unknown_fields=True):
    revision: int | None = None


class _Target(msgspec.Struct, forbid_unknown_fields=True):
    model_uri: str
    weight: float = 1.0


class _Traffic(msgspec.Struct, forbid_unknown_fields=True):
    targets: list[_Target]
    sticky: str | None = None


class _Changes(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What may change; what is not given stays."""

    model_uri: str | msgspec.UnsetType = msgspec.UNSET
    workers: int | msgspec.UnsetType = msgspec.UNSET
    batch_size: int | msgspec.UnsetType = msgspec.UNSET
    batch_wait_ms: float | msgspec.UnsetType = msgspec.UNSET
    max_queue: int | msgspec.UnsetType = msgspec.UNSET
    deadline_s: float | msgspec.UnsetType = msgspec.UNSET
    max_body: int | msgspec.UnsetType = msgspec.UNSET
    max_memory_mb: int | msgspec.UnsetType | None = msgspec.UNSET
    sticky: str | msgspec.UnsetType | None = msgspec.UNSET
    targets: list[_Target] | msgspec.UnsetType = msgspec.UNSET


class _NewKey(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    scope: KeyScope = "predict"
    days: float | None = None


def endpoint(context: Context, request: Request) -> OneEndpoint:
    """``GET endpoints/{name}``."""
    store, name = _asked(context, request)
    return OneEndpoint(endpoint_json(context, store, serving.get_endpoint(name, store)))


def change(context: Context, request: Request) -> Response:
    """``PATCH endpoints/{name}``: any fields of the configuration; 202 while that starts."""
    store, name = _asked(context, request)
    given = msgspec.to_builtins(request.body_as(_Changes))
    return _changed(context, store, name, **given)


def traffic(context: Context, request: Request) -> Response:
    """``PUT endpoints/{name}/traffic``: which models answer which share."""
    store, name = _asked(context, request)
    wanted = msgspec.to_builtins(request.body_as(_Traffic))
    return _changed(context, store, name, **wanted)


def _changed(context: Context, store: Store, name: str, **changes: Any) -> Response:
    found = serving.update(name, store, deploying=later, **changes)
    return accepted(context, store, found)


def rollback(context: Context, request: Request) -> Response:
    """``POST endpoints/{name}/rollback``: serve again what an earlier revision served."""
    store, name = _asked(context, request)
    wanted = request.body_as(_Rollback) if request.body else _Rollback()
    found = serving.rollback(name, wanted.revision, store, deploying=later)
    return accepted(context, store, found)


def start_again(context: Context, request: Request) -> Response:
    """``POST endpoints/{name}/start``: 202 while it starts."""
    store, name = _asked(context, request)
    found = serving.get_endpoint(name, store)
    if found.state == "starting":
        raise InvalidState(f"Endpoint '{name}' is being started.")
    Thread(target=_start, args=(name, store), daemon=True).start()
    return accepted(context, store, found)


def _start(name: str, store: Store) -> None:
    with contextlib.suppress(NbtrailError):  # the row tells
        serving.start(name, store)


def delete(context: Context, request: Request) -> Response:
    """``DELETE endpoints/{name}``."""
    store, name = _asked(context, request)
    serving.delete(name, store)
    return Response(204, b"")


def workers(context: Context, request: Request) -> Response:
    """``GET endpoints/{name}/workers``."""
    store, name = _asked(context, request)
    return _json(serving.workers(name, store))


def stats(context: Context, request: Request) -> Response:
    """``GET endpoints/{name}/stats``."""
    store, name = _asked(context, request)
    return _json(serving.stats(name, min(request.query_as(_Seconds).seconds, 900), store))


def log(context: Context, request: Request) -> Response:
    """``GET endpoints/{name}/log``: the last lines of what its processes said."""
    store, name = _asked(context, request)
    wanted = request.query_as(_Lines)
    many = max(1, min(wanted.lines, 2000))
    return _json({"lines": serving.log_lines(name, many, store, access=wanted.access)})


def revisions(context: Context, request: Request) -> Response:
    """``GET endpoints/{name}/revisions``."""
    store, name = _asked(context, request)
    known = serving.revisions(name, store)
    return _json({"revisions": msgspec.convert(known, list[RevisionJson], from_attributes=True)})


def keys(context: Context, request: Request) -> Response:
    """``GET endpoints/{name}/keys``."""
    store, name = _asked(context, request)
    return _json({"keys": [_key(one) for one in serving.keys(name, store)]})


def add_key(context: Context, request: Request) -> Response:
    """``POST endpoints/{name}/keys``: the only answer that ever has the secret."""
    store, name = _asked(context, request)
    wanted = request.body_as(_NewKey)
    key, secret = serving.add_key(name, wanted.name, wanted.scope, wanted.days, store)
    return _json({"key": _key(key), "secret": secret}, 201)


def delete_key(context: Context, request: Request) -> Response:
    """``DELETE endpoints/{name}/keys/{id}``."""
    store, name = _asked(context, request)
    store.endpoints.delete_key(name, request.arguments["id"])
    return Response(204, b"")


def snippets(context: Context, request: Request) -> Response:
    """``GET endpoints/{name}/snippets``: how to ask, from a shell, Python and JavaScript."""
    store, name = _asked(context, request)
    found = endpoint_json(context, store, serving.get_endpoint(name, store))
    url = found.url.rsplit("/", 1)[0]
    return _json(writing.snippets(url, found.model_uri, store))


def _asked(context: Context, request: Request) -> tuple[Store, str]:
    return context.existing_store(), request.arguments["name"]


def _key(key: EndpointKey) -> KeyJson:
    return KeyJson(key.id, key.name, key.scope, key.created, key.expires)


def _json(value: object, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value))
