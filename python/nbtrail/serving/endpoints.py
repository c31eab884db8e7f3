"""Endpoints started, found and stopped. No model is loaded here: a worker process does that."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread

import msgspec

from nbtrail.entities import Endpoint
from nbtrail.errors import (
    EndpointError,
    InvalidState,
    InvalidValue,
    NbtrailError,
    NotFound,
    did_you_mean,
)
from nbtrail.models import MLmodel, resolve
from nbtrail.models.mlmodel import PYFUNC
from nbtrail.serving import liveness, process
from nbtrail.store import Store
from nbtrail.tracking import current_store

TIMEOUT = 60.0  # seconds for a worker to import its framework and load the model
LINGER = 0.2  # seconds that a replaced worker still answers those who have just read its row
_log = logging.getLogger("nbtrail")
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}", re.ASCII)


def deploy(
    model_uri: str | os.PathLike[str],
    name: str,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    store: Store | None = None,
    timeout: float = TIMEOUT,
) -> Endpoint:
    """Serve a model from a process of its own, which outlives this one.

    A live endpoint of that name is replaced: it answers until the new one does, and goes on
    answering if the new one does not start. (Not when both want the same fixed `port`.)

    Args:
        model_uri: see `nbtrail.models.resolve`.
        name: of the endpoint: letters, digits, ``_`` and ``-``.
        port: 0 takes a free one.
        host: the address to listen on; who can reach it still needs the endpoint's token.
        store: by default the store of this process.
        timeout: seconds until the endpoint must be ready.

    Returns:
        The endpoint, ready.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the name, the port or the model cannot be served.
        InvalidState: the port is in use, or somebody else is deploying under this name.
        EndpointError: the model does not load; the message has the last line of the log.
    """
    store = store or current_store()
    uri = _validate(model_uri, name, port, store)
    with liveness.change(store, name):
        old = _live(store, name)
        if old is not None and old.port == port:
            process.end(store, old)
            old = None
        _check_port(host, port)
        return _start(store, _starting(name, uri, host, port), old, timeout)


def deploy_later(model_uri: str, name: str, store: Store) -> Endpoint:
    """Begin what `deploy` does, and return while the model loads: the store tells how it ends.

    Where a live endpoint goes on because the new one did not start, its `error` says so.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the name or the model cannot be served.
        InvalidState: somebody else is deploying under this name.
    """
    uri = _validate(model_uri, name, 0, store)
    begun: SimpleQueue[Endpoint | NbtrailError] = SimpleQueue()
    row = _starting(name, uri, "127.0.0.1", 0)
    Thread(target=_deploy_in_thread, args=(store, row, begun), daemon=True).start()
    found = begun.get()
    if isinstance(found, NbtrailError):
        raise found
    return found


def _deploy_in_thread(
    store: Store, row: Endpoint, begun: SimpleQueue[Endpoint | NbtrailError]
) -> None:
    try:
        with liveness.change(store, row.name):
            old = _live(store, row.name)
            if old is None:
                store.endpoints.put(row)
            begun.put(row)
            _start_or_tell(store, row, old)
    except NbtrailError as error:
        begun.put(error)


def _start_or_tell(store: Store, row: Endpoint, old: Endpoint | None) -> None:
    try:
        _start(store, row, old, TIMEOUT)
    except NbtrailError as error:
        _log.warning("%s", error)
        if old is not None:
            told = f"{row.model_uri} did not take its place: {error}"
            store.endpoints.put(msgspec.structs.replace(old, error=told))


def _start(store: Store, row: Endpoint, old: Endpoint | None, timeout: float) -> Endpoint:
    """Start a worker, and end the one that it replaces; if it fails, that one stays."""
    worker = process.Worker(store, row)
    if old is None:
        store.endpoints.put(row)
    try:
        ready = worker.run_until_ready(timeout)
    except BaseException as error:
        worker.kill()
        store.endpoints.put(worker.failed(error) if old is None else old)
        raise
    if old is not None:
        time.sleep(LINGER)
        process.end(store, old)
    return ready


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
    model_uri: str | os.PathLike[str],
    name: str,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    store: Store | None = None,
    on_ready: Callable[[Endpoint], object],
) -> None:
    """Serve a model until interrupted, terminated, or stopped from elsewhere.

    Args:
        model_uri: this and the rest are those of `deploy`, whose errors are raised, too.
        name: of the endpoint.
        port: 0 takes a free one.
        host: the address to listen on.
        store: by default the store of this process.
        on_ready: called once with the endpoint.

    Raises:
        EndpointError: the worker died.
    """
    store = store or current_store()
    with _terminate_is_interrupt(), contextlib.suppress(KeyboardInterrupt):
        mine = deploy(model_uri, name, port, host=host, store=store)
        try:
            on_ready(mine)
            _wait_for_end(store, mine)
        finally:
            row = store.endpoints.get(name)
            if row is not None and row.pid == mine.pid and liveness.is_alive(store, mine):
                stop(name, store)


def _wait_for_end(store: Store, mine: Endpoint) -> None:
    while liveness.is_alive(store, mine):
        time.sleep(0.1)
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


def _starting(name: str, model_uri: str, host: str, port: int) -> Endpoint:
    """Return the endpoint before it has a process; its token is the worker's to make."""
    return Endpoint(
        name=name,
        model_uri=model_uri,
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


def _validate(model_uri: str | os.PathLike[str], name: str, port: int, store: Store) -> str:
    """Return the URI for the worker, whatever its working directory, once all looks right."""
    if not _NAME.fullmatch(name):
        raise InvalidValue(
            f"'{name[:100]}' cannot name an endpoint: use letters, digits, '_' and '-'."
        )
    if not 0 <= port <= 65535:
        raise InvalidValue(f"{port} is not a port: give one up to 65535, or 0 for a free one.")
    path = resolve(model_uri, store)
    if PYFUNC not in MLmodel.read(path).flavors:
        raise InvalidValue(f"The model {model_uri} has no {PYFUNC} flavor and cannot be served.")
    uri = os.fspath(model_uri)
    return uri if uri.startswith(("models:/", "runs:/")) else str(path)


def _check_port(host: str, port: int) -> None:
    """Find out now: a worker that cannot have its port would only say so in its log."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InvalidState(
                f"Port {port} of {host} is in use: choose another, or 0 for a free one."
            ) from error
        raise InvalidValue(
            f"Nothing can listen on port {port} of {host}: {error.strerror}."
        ) from error
