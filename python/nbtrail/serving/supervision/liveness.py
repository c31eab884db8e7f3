"""Who is alive: a lock for each worker, held for as long as its process lives.

In the folder ``endpoints`` of the store: ``<name>.log``, ``<name>.lock`` (held by who changes
the endpoint) and ``<name>.<pid>.lock`` (held by the worker). A pid alone proves nothing, another
process may have it by now; the lock of that pid's file is the proof.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from nbtrail.entities import Endpoint
from nbtrail.errors import InvalidState
from nbtrail.store import Store

PATIENCE = 2.0  # seconds to wait for somebody who is only looking


def log_path(store: Store, name: str) -> Path:
    """Return where the workers of an endpoint write their log."""
    return _folder(store) / f"{name}.log"


def worker_lock(store: Store, name: str, pid: int) -> Path:
    """Return the file that the worker with this pid keeps locked."""
    return _folder(store) / f"{name}.{pid}.lock"


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold a lock, and remove its file in the end."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


@contextlib.contextmanager
def change(store: Store, name: str) -> Iterator[None]:
    """Be the only one who starts or stops the endpoint `name`.

    Raises:
        InvalidState: another process is at it.
    """
    descriptor = os.open(_change_lock(store, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _obtain(descriptor, time.monotonic() + PATIENCE):
            raise InvalidState(
                f"Endpoint '{name}' is being started or stopped by another process: try again soon."
            )
        yield
    finally:
        os.close(descriptor)


def as_it_is(store: Store, endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with its true state: a row cannot know that its process died."""
    while not _may_be_true(store, endpoint):
        now = store.endpoints.get(endpoint.name)
        if now is None or now == endpoint:
            error = "Its process is gone: deploy it again."
            return msgspec.structs.replace(endpoint, state="failed", error=error)
        endpoint = now  # it was changed between the reading of its row and that of its locks
    return endpoint


def _may_be_true(store: Store, endpoint: Endpoint) -> bool:
    """Whoever changes an endpoint tells how it ended: till then, its row holds."""
    if endpoint.state not in {"starting", "ready"}:
        return True
    return is_alive(store, endpoint) or _is_held(_change_lock(store, endpoint.name))


def is_alive(store: Store, endpoint: Endpoint) -> bool:
    """Say whether the worker of an endpoint lives."""
    pid = endpoint.pid
    return pid is not None and _is_held(worker_lock(store, endpoint.name, pid))


def _is_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _obtain(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
        time.sleep(0.02)


def _change_lock(store: Store, name: str) -> Path:
    return _folder(store) / f"{name}.lock"


def _folder(store: Store) -> Path:
    folder = store.directory / "endpoints"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
