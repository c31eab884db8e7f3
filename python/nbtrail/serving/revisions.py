"""Endpoints that change while they serve, and what is known of how they do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from nbtrail.entities import (
    Endpoint,
    EndpointConfig,
    EndpointKey,
    EndpointRevision,
    EndpointTarget,
    KeyScope,
)
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.serving import configuration, endpoints, logs, snapshots
from nbtrail.serving.scoring import access
from nbtrail.serving.supervision import liveness, status
from nbtrail.store import Store
from nbtrail.tracking import current_store

_Deploy = Callable[[str, EndpointConfig, Store], Endpoint]


def _and_wait(name: str, config: EndpointConfig, store: Store) -> Endpoint:
    fields = {field: getattr(config, field) for field in config.__struct_fields__}
    return endpoints.deploy(None, name, store=store, **fields)


def later(name: str, config: EndpointConfig, store: Store) -> Endpoint:
    """Begin to serve a configuration, without waiting until it is."""
    return endpoints.deploy_later(config.targets[0].model_uri, name, store, config)


def update(
    name: str,
    store: Store | None = None,
    *,
    deploying: _Deploy = _and_wait,
    model_uri: str | None = None,
    **changes: Any,
) -> Endpoint:
    """Serve with some fields of the configuration changed; no request is lost.

    Args:
        name: of the endpoint.
        store: by default the store of this process.
        deploying: whether to wait until it is live.
        model_uri: the one model to serve from now on.
        changes: fields of `EndpointConfig`; ``targets`` splits the traffic.

    Raises:
        NotFound: there is no such endpoint or model.
        InvalidValue: a field is unknown or out of bounds.
        EndpointError: the new revision did not start; the old one goes on.
    """
    store = store or current_store()
    if model_uri is not None:
        changes["targets"] = [{"model_uri": model_uri}]
    now = config_of(name, store)
    config = configuration.checked(configuration.changed(now, changes), store)
    return deploying(name, config, store)


def rollback(
    name: str,
    revision: int | None = None,
    store: Store | None = None,
    *,
    deploying: _Deploy = _and_wait,
) -> Endpoint:
    """Serve again what an earlier revision served: its very versions, wherever aliases are now.

    Args:
        name: of the endpoint.
        revision: its number; by default the one that was live before.
        store: by default the store of this process.
        deploying: whether to wait until it is live.

    Raises:
        NotFound: there is no such endpoint or revision.
        InvalidState: there was none before.
    """
    store = store or current_store()
    known = revisions(name, store)
    if revision is None:
        earlier = [one for one in known if one.state == "old"]
        if not earlier:
            raise InvalidState(f"Endpoint '{name}' has served nothing else before.")
        chosen = earlier[0]
    else:
        chosen = _revision(name, revision, known)
    targets = [
        EndpointTarget(uri, target.weight)
        for uri, target in zip(chosen.served, chosen.config.targets, strict=False)
    ]
    if not targets:
        raise InvalidState(f"Revision {chosen.revision} of endpoint '{name}' never served.")
    if any(snapshots.is_gone(store, one.model_uri) for one in targets):
        raise InvalidState(
            f"What revision {chosen.revision} of endpoint '{name}' served is not kept any more: "
            f"the last {snapshots.KEPT} are."
        )
    config = msgspec.structs.replace(chosen.config, targets=targets)
    return deploying(name, configuration.checked(config, store), store)


def config_of(name: str, store: Store) -> EndpointConfig:
    """Return how an endpoint serves; raises NotFound."""
    endpoint = endpoints.get_endpoint(name, store)
    known = store.endpoints.revisions(name)
    chosen = next((one for one in known if one.state in {"live", "starting"}), None)
    if chosen is not None:
        return chosen.config
    return EndpointConfig(targets=[EndpointTarget(endpoint.model_uri)])


def revisions(name: str, store: Store | None = None) -> Sequence[EndpointRevision]:
    """Return what an endpoint served, the newest first; raises NotFound."""
    store = store or current_store()
    endpoints.get_endpoint(name, store)
    return store.endpoints.revisions(name)


def workers(name: str, store: Store | None = None) -> dict[str, Any]:
    """Return ``workers``, each as it is, and ``updated``; raises NotFound."""
    told = _told(name, store)
    return {field: told[field] for field in ("workers", "updated")}


def stats(name: str, seconds: int = 300, store: Store | None = None) -> dict[str, Any]:
    """Return ``totals`` and ``points``, one for each second with requests; raises NotFound."""
    told = _told(name, store)
    since = (time.time() - seconds) * 1000
    points = [point for point in told["points"] if point["t"] >= since]
    return {"period": 1, "totals": told["totals"], "points": points}


def add_key(
    name: str,
    label: str,
    scope: KeyScope = "predict",
    days: float | None = None,
    store: Store | None = None,
) -> tuple[EndpointKey, str]:
    """Make an API key; return it with its secret, which is kept nowhere.

    Raises:
        NotFound: there is no such endpoint.
        InvalidValue: the label, the scope or the days are not acceptable.
    """
    store = store or current_store()
    endpoints.get_endpoint(name, store)
    if not label.strip() or len(label) > 100:
        raise InvalidValue("A key has a name of up to 100 characters.")
    if scope not in {"predict", "read"}:
        raise InvalidValue("The scope of a key is 'predict' or 'read'.")
    if days is not None and not 0 < days <= 36500:
        raise InvalidValue("A key expires after some days, or never.")
    key, secret = access.new_key(label, scope, days)
    store.endpoints.add_key(name, key)
    return key, secret


def keys(name: str, store: Store | None = None) -> Sequence[EndpointKey]:
    """Return the API keys of an endpoint; raises NotFound."""
    store = store or current_store()
    endpoints.get_endpoint(name, store)
    return store.endpoints.keys(name)


def log_lines(
    name: str, many: int, store: Store | None = None, *, access: bool = False
) -> list[str]:
    """Return the last lines that the processes of an endpoint wrote; raises NotFound.

    With `access`, those of the access log: JSON, one request each.
    """
    store = store or current_store()
    endpoints.get_endpoint(name, store)
    path = logs.access_path(store, name) if access else liveness.log_path(store, name)
    return logs.last_lines(path, many)


def _told(name: str, store: Store | None) -> dict[str, Any]:
    store = store or current_store()
    running = endpoints.get_endpoint(name, store).state == "ready"
    return status.read(store, name) if running else status.nothing()


def _revision(name: str, number: int, known: Sequence[EndpointRevision]) -> EndpointRevision:
    for one in known:
        if one.revision == number:
            return one
    raise NotFound(f"Endpoint '{name}' has no revision {number}.")
