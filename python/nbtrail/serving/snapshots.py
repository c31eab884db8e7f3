"""Snapshots of functions and models that endpoints serve; collected when none can any more."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from nbtrail.entities import EndpointRevision
from nbtrail.serving.supervision import liveness
from nbtrail.store import Store

KEPT = 10  # revisions of an endpoint, beside the live one, that can be rolled back to
YOUNG = 3600.0  # seconds in which a snapshot may still be on its way into a revision
_NAME = re.compile(r"(.+)-[0-9a-f]{12}", re.ASCII)


def new(store: Store, name: str) -> Path:
    """Return a directory, not made yet, for a snapshot."""
    return _folder(store) / f"{name}-{secrets.token_hex(6)}"


def is_gone(store: Store, uri: str) -> bool:
    """Say whether that was a snapshot, and is no more."""
    return Path(uri).parent == _folder(store) and not Path(uri).exists()


def collect(store: Store, name: str | None = None, young: float = YOUNG) -> int:
    """Delete what no revision of any endpoint serves or can be rolled back to.

    Args:
        store: whose endpoints.
        name: only the snapshots that were made for this endpoint.
        young: seconds; what is younger is left alone.

    Returns:
        How many bytes were deleted.
    """
    used, freed = _used(store), 0
    for path in _all(store):
        owner = _NAME.fullmatch(path.name)
        if owner is None or str(path) in used or name not in {None, owner[1]}:
            continue
        if time.time() - path.stat().st_mtime < young:
            continue
        freed += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        shutil.rmtree(path, ignore_errors=True)
    return freed


def _used(store: Store) -> set[str]:
    """Return what endpoints serve, or may serve again."""
    found: set[str] = set()
    for endpoint in store.endpoints.list():
        known = store.endpoints.revisions(endpoint.name)
        old = [one for one in known if one.state == "old"]
        now = [one for one in known if one.state in {"starting", "moving", "live"}]
        found.update(uri for one in [*now, *old[:KEPT]] for uri in _served(one))
        found.add(endpoint.model_uri)
    return found


def _served(revision: EndpointRevision) -> list[str]:
    return [*revision.served, *(one.model_uri for one in revision.config.targets)]


def _all(store: Store) -> Iterator[Path]:
    folder = _folder(store)
    if folder.is_dir():
        yield from sorted(one for one in folder.iterdir() if one.is_dir())


def _folder(store: Store) -> Path:
    return liveness.log_path(store, "x").parent / "snapshots"
