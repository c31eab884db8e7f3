"""Artifacts that grow while their run is alive: executed notebooks, and what commands print."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import RunInfo


@dataclass(frozen=True)
class Growing:
    """A file to write, and where it is for good."""

    path: Path
    place: str


@contextmanager
def growing(info: RunInfo, name: str) -> Iterator[Growing]:
    """Give the file for an artifact of a run.

    On this machine it is the artifact from the beginning, for all to see how far it is. Elsewhere
    it is stored afterwards, whatever has happened.

    Raises:
        StoreError: it cannot be stored there.
    """
    artifacts = ArtifactRepository(info.artifact_uri)
    if artifacts.is_local:
        path = artifacts.local_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        yield Growing(path, str(path))
        return
    with tempfile.TemporaryDirectory(prefix="nbtrail-") as folder:
        path = Path(folder) / name
        try:
            yield Growing(path, f"{info.artifact_uri}/{name}")
        finally:
            if path.is_file():
                artifacts.upload(path)
