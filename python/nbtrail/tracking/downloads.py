"""MLflow's `artifacts` functions: files by URI, or by run and path."""

from __future__ import annotations

import io
import json
import os
import posixpath
from typing import TYPE_CHECKING, Any

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue
from nbtrail.store import Store, open_store
from nbtrail.tracking.where import place

if TYPE_CHECKING:
    from PIL import Image

PathLike = str | os.PathLike[str]


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: PathLike | None = None,
    tracking_uri: PathLike | None = None,
    registry_uri: PathLike | None = None,  # noqa: ARG001
) -> str:
    """Bring a file or folder of artifacts to this machine, and return where it is.

    Args:
        artifact_uri: ``runs:/<run id>/<path>``, ``models:/<name>/<version>``, a path or any URI
            that fsspec reads; else
        run_id: a run, and
        artifact_path: what of its artifacts; all when not given.
        dst_path: a directory to copy to; else what is on this machine already stays where it is.
        tracking_uri: the store of the run; by default the one that this process records in.
        registry_uri: accepted for MLflow's sake.

    Raises:
        NotFound: there is no such run, model or artifact.
        InvalidValue: neither or both of `artifact_uri` and `run_id` are given.
    """
    repository, path = _find(artifact_uri, run_id, artifact_path, tracking_uri)
    return str(repository.download(path, dst_path))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: PathLike | None = None,
) -> list[FileInfo]:
    """Return what is directly in a folder of artifacts; see `download_artifacts`.

    Paths are those within the run, or below the URI's last folder.
    """
    repository, path = _find(artifact_uri, run_id, artifact_path, tracking_uri)
    return repository.list(path)


def load_text(artifact_uri: str) -> str:
    """Return a text that is an artifact."""
    return _read(artifact_uri).decode()


def load_dict(artifact_uri: str) -> Any:
    """Return what a JSON artifact holds.

    Raises:
        InvalidValue: it is no JSON.
    """
    try:
        return json.loads(_read(artifact_uri))
    except ValueError as error:
        raise InvalidValue(f"The artifact {artifact_uri} is no JSON: {error}.") from error


def load_image(artifact_uri: str) -> Image.Image:
    """Return an image that is an artifact.

    Raises:
        InvalidValue: it is no image.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise InvalidValue("Images need Pillow: pip install pillow") from error
    try:
        return Image.open(io.BytesIO(_read(artifact_uri)))
    except UnidentifiedImageError as error:
        raise InvalidValue(f"The artifact {artifact_uri} is no image.") from error


def _read(artifact_uri: str) -> bytes:
    repository, path = _find(artifact_uri, None, None, None)
    return repository.read(path)


def _find(
    uri: PathLike | None, run_id: str | None, path: str | None, tracking_uri: PathLike | None
) -> tuple[ArtifactRepository, str]:
    """Return where the artifacts are, and which of them is meant."""
    if (uri is None) == (run_id is None):
        raise InvalidValue("Say either artifact_uri or run_id.")
    store = place.store() if tracking_uri is None else open_store(tracking_uri, create=False)
    if run_id is not None:
        return _of_run(store, run_id), path or ""
    if path is not None:
        raise InvalidValue("artifact_path goes with run_id; artifact_uri has the path within.")
    return _at(store, os.fspath(uri or ""))


def _at(store: Store, uri: str) -> tuple[ArtifactRepository, str]:
    scheme, _, rest = uri.partition(":/")
    first, _, inner = rest.partition("/")
    if scheme == "runs" and first:
        return _of_run(store, first), inner.strip("/")
    if scheme == "models" and first:
        return _of_model(store, first, inner)
    folder, name = posixpath.split(uri.rstrip("/"))
    return ArtifactRepository(folder or "."), name


def _of_run(store: Store, run_id: str) -> ArtifactRepository:
    return ArtifactRepository(store.runs.info(run_id).artifact_uri)


def _of_model(store: Store, name: str, inner: str) -> tuple[ArtifactRepository, str]:
    """Look in a logged model (``m-…``), or in the version of a registered one."""
    if name.startswith("m-"):
        return ArtifactRepository(store.registry.logged_model(name).artifact_uri), inner
    version, _, inner = inner.partition("/")
    repository, path = _at(store, store.registry.version(name, version).source)
    return repository, posixpath.join(path, inner)
