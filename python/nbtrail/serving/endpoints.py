"""Endpoints started, found and stopped. No model is loaded here: worker processes do that."""

from __future__ import annotations

import contextlib
import logging
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Any

import msgspec

from nbtrail.entities import Endpoint, EndpointConfig
from nbtrail.errors import (
    AlreadyExists,
    EndpointError,
    InvalidValue,
    NbtrailError,
    NotFound,
    did_you_mean,
)
from nbtrail.serving import configuration, logs, snapshots
from nbtrail.serving.addresses import LOCAL, check_name, check_number, check_open, check_port
from nbtrail.serving.supervision import liveness, process
from nbtrail.store import Store
from nbtrail.tracking import current_store
from nbtrail.tracking.context import user

TIMEOUT = 60.0  # seconds for a worker to import its framework and load the model
INSTALL = 1800.0  # seconds more, where packages may have to be installed first
_log = logging.getLogger("nbtrail")


def deploy(
    model: Any,
    name: str,
    port: int = 0,
    *,
    host: str | None = None,
    store: Store | None = None,
    timeout: float | None = None,
    replace: bool = True,
    **options: Any,
) -> Endpoint:
    """Serve a model or a function from processes of its own, which outlive this one.

    A live endpoint of that name is replaced, at the same address unless another `port` is asked
    for: it answers until the new one does, and goes on if the new one does not start.

    Args:
        model: a URI or directory, see `nbtrail.models.resolve`; or a function with type hints,
            of which a snapshot is taken; or a model as `save_model` takes it.
        name: of the endpoint: letters, digits, ``_`` and ``-``.
        port: 0 takes a free one.
        host: the address to listen on; who can reach it still needs the endpoint's token. By
            default that of the endpoint that is there, else one that only this machine reaches.
        store: by default the store of this process.
        timeout: seconds until the endpoint must be ready; by default a minute, and half an
            hour more with ``env="uv"``.
        replace: whether an endpoint of that name may be there already.
        options: fields of `EndpointConfig`: ``workers=2``, ``batch_size=32`` and so on.

    Returns:
        The endpoint, ready.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the name, the port, an option or the model cannot be served; or it is to
            ask for no token at an address that others reach.
        AlreadyExists: there is an endpoint of that name, which is not to be replaced.
        InvalidState: the port is in use, or somebody else is deploying under this name.
        EndpointError: the model does not load; the message has the last line of the log.
    """
    store = store or current_store()
    check_name(name)
    check_number(port)
    if not replace:
        _check_new(name, store)
    config = configuration.of(model, name, store, options)
    with liveness.change(store, name):
        ready = _change(store, name, config, (host, port), timeout)
    snapshots.collect(store, name)
    return ready


def deploy_later(
    model_uri: str, name: str, store: Store, config: EndpointConfig | None = None
) -> Endpoint:
    """Begin what `deploy` does, and return while the model loads: the store tells how it ends.

    Where a live endpoint goes on because the new one did not start, its `error` says so.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the name or the model cannot be served.
        InvalidState: somebody else is deploying under this name.
    """
    check_name(name)
    config = config or configuration.of(model_uri, name, store, {})
    begun: SimpleQueue[Endpoint | NbtrailError] = SimpleQueue()
    Thread(target=_deploy_in_thread, args=(store, name, config, begun), daemon=True).start()
    found = begun.get()
    if isinstance(found, NbtrailError):
        raise found
    return found


def _deploy_in_thread(
    store: Store, name: str, config: EndpointConfig, begun: SimpleQueue[Endpoint | NbtrailError]
) -> None:
    try:
        with liveness.change(store, name):
            host = _host(store, name)
            check_open(config, host)
            row = _starting(name, config, host, 0)
            if _live(store, name) is None:
                store.endpoints.put(row)
            begun.put(row)
            _change(store, name, config, (host, 0))
    except NbtrailError as error:
        _log.warning("%s", error)
        begun.put(error)


def _change(
    store: Store,
    name: str,
    config: EndpointConfig,
    where: tuple[str | None, int],
    timeout: float | None = None,
) -> Endpoint:
    """Serve a configuration from now on; who calls holds the endpoint's lock."""
    port, host = where[1], where[0] or _host(store, name)
    check_open(config, host)
    timeout = timeout or TIMEOUT + (INSTALL if config.env == "uv" else 0)
    old = _live(store, name)
    if old is not None and old.host == host and port in {0, old.port}:
        revision = store.endpoints.add_revision(name, config, user())
        return process.wait_for(store, name, revision, timeout)
    check_port(host, port)
    supervisor = process.Supervisor(store, _starting(name, config, host, port))
    revision = store.endpoints.add_revision(name, config, user(), "moving")
    try:
        ready = supervisor.run_until_ready(revision, timeout, replaces=old)
    except BaseException as error:
        supervisor.kill()
        store.endpoints.end_revision(name, revision, "failed", str(error) or type(error).__name__)
        store.endpoints.put(supervisor.failed(error) if old is None else old)
        raise
    if old is not None:
        process.end(store, old)
    return ready


def start(name: str, store: Store | None = None, timeout: float | None = None) -> Endpoint:
    """Start an endpoint again that was stopped, or whose processes died, at its old address.

    Raises:
        NotFound: there is no such endpoint, or nothing that it ever served.
        EndpointError: it does not start.
    """
    store = store or current_store()
    row = get_endpoint(name, store)
    with liveness.change(store, name):
        if _live(store, name) is not None:
            return get_endpoint(name, store)
        known = store.endpoints.revisions(name)
        config = next((one.config for one in known if one.state in {"live", "old"}), None)
        if config is None:
            config = configuration.of(row.model_uri, name, store, {})
        port = row.port or 0
        try:
            check_port(row.host, port)
        except NbtrailError:  # somebody else has it by now
            port = 0
        return _change(store, name, config, (row.host, port), timeout)


def start_what_died(store: Store) -> list[Endpoint]:
    """Start the endpoints that should be running and whose supervisor is gone.

    One that does not start is failed, and left so.
    """
    started = []
    for row in store.endpoints.list():
        now = liveness.as_it_is(store, row)
        if row.state == "ready" and now.state == "failed":
            try:
                started.append(start(row.name, store))
            except NbtrailError as error:
                _log.warning("The endpoint '%s' was not started again: %s", row.name, error)
    return started


def stop(name: str, store: Store | None = None) -> Endpoint:
    """Stop an endpoint; requests that run have some seconds to finish. Stopped twice is fine.

    Raises:
        NotFound: there is no such endpoint; the message has the closest name.
        InvalidState: it is being deployed right now.
    """
    store = store or current_store()
    get_endpoint(name, store)  # one that is not there needs no lock
    with liveness.change(store, name):
        row = get_endpoint(name, store)
        process.end(store, row)
        stopped = msgspec.structs.replace(row, state="stopped")
        store.endpoints.put(stopped)
        return stopped


def delete(name: str, store: Store | None = None) -> None:
    """Stop an endpoint and forget it: revisions, keys, logs; raises as `stop` does."""
    store = store or current_store()
    stop(name, store)
    store.endpoints.delete(name)
    logs.remove(store, name)
    snapshots.collect(store, name, young=0)


def get_endpoint(name: str, store: Store | None = None) -> Endpoint:
    """Return an endpoint in its true state.

    Raises:
        NotFound: there is none of that name; the message has the closest.
    """
    store = store or current_store()
    row = store.endpoints.get(name)
    if row is None:
        close = did_you_mean(name, (endpoint.name for endpoint in store.endpoints.list()))
        raise NotFound(f"There is no endpoint '{name}' in this store.{close}")
    return liveness.as_it_is(store, row)


def list_endpoints(store: Store | None = None) -> list[Endpoint]:
    """Return all endpoints by name, each in its true state."""
    store = store or current_store()
    return [liveness.as_it_is(store, row) for row in store.endpoints.list()]


def serve(
    models: Mapping[str, Any],
    port: int = 0,
    *,
    host: str | None = None,
    store: Store | None = None,
    on_ready: Callable[[Endpoint], object],
    **options: Any,
) -> None:
    """Serve models, each as an endpoint of its own, until interrupted, terminated or stopped.

    Args:
        models: by the endpoints' names; these and the rest are those of `deploy`, whose errors
            are raised, too.
        port: 0 takes a free one for each.
        host: the address to listen on; see `deploy`.
        store: by default the store of this process.
        on_ready: called with each endpoint.
        options: fields of `EndpointConfig`.

    Raises:
        InvalidValue: several models cannot have one port.
        EndpointError: a supervisor died.
    """
    if port and len(models) > 1:
        raise InvalidValue("A port is for one model: several have one each that is free.")
    store = store or current_store()
    served: list[Endpoint] = []
    with _terminate_is_interrupt(), contextlib.suppress(KeyboardInterrupt):
        try:
            for name, model in models.items():
                served.append(deploy(model, name, port, host=host, store=store, **options))
                on_ready(served[-1])
            _wait_for_end(store, served)
        finally:
            for mine in served:
                _stop_if_mine(store, mine)


def _stop_if_mine(store: Store, mine: Endpoint) -> None:
    row = store.endpoints.get(mine.name)
    if row is not None and row.pid == mine.pid and liveness.is_alive(store, mine):
        stop(mine.name, store)


def _wait_for_end(store: Store, served: list[Endpoint]) -> None:
    """Wait until each endpoint was stopped, or one has died."""
    left = list(served)
    while left:
        time.sleep(0.1)
        for mine in [one for one in left if not liveness.is_alive(store, one)]:
            left.remove(mine)
            row = get_endpoint(mine.name, store)
            if row.pid == mine.pid and row.state == "failed":
                raise EndpointError(
                    f"The process of endpoint '{mine.name}' died; "
                    f"{liveness.log_path(store, mine.name)} may say why."
                )


@contextlib.contextmanager
def _terminate_is_interrupt() -> Iterator[None]:
    """A service manager ends what it runs with SIGTERM."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _starting(name: str, config: EndpointConfig, host: str, port: int) -> Endpoint:
    """Return the endpoint before it has a process; its token is the supervisor's to make."""
    return Endpoint(
        name=name,
        model_uri=config.targets[0].model_uri,
        host=host,
        port=port or None,
        pid=None,
        token="",
        state="starting",
        started=int(time.time() * 1000),
    )


def _live(store: Store, name: str) -> Endpoint | None:
    row = store.endpoints.get(name)
    return row if row is not None and liveness.is_alive(store, row) else None


def _check_new(name: str, store: Store) -> None:
    if store.endpoints.get(name) is not None:
        raise AlreadyExists(f"There is an endpoint '{name}' already: update it, or delete it.")


def _host(store: Store, name: str) -> str:
    row = store.endpoints.get(name)
    return LOCAL if row is None else row.host
