"""Where a model is: `models:/name/version`, `models:/m-<id>`, `runs:/<run>/<name>`, a directory.

The directory may be at any place for artifacts; then it is copied here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import LoggedModel
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.models.copies import copied
from nbtrail.models.mlmodel import FILE
from nbtrail.store import Store, locations, open_store
from nbtrail.store.model_notes import unknown_alias

_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_NO_PLACES = {"http", "https"}  # which list no directories
_FORMS = (
    "models:/<name>/<version>, models:/<name>@<alias>, models:/m-<id>, runs:/<run id>/<name>, "
    "a directory, or the URI of one, such as s3://bucket/model"
)


class Located(NamedTuple):
    """A model that was found: its directory, and its record if a run logged it."""

    path: Path
    logged: LoggedModel | None


def resolve(uri: str | os.PathLike[str], store: Store | None = None) -> Path:
    """Return the directory of a model on this machine; nothing of it is loaded.

    Args:
        uri: ``models:/name/version``, ``models:/m-<id>``, ``runs:/<run id>/<name>``, a directory,
            or the URI of one, such as ``s3://bucket/model``.
        store: where to look the name up; by default the one that is found from here.

    Raises:
        NotFound: there is no such model; the message has the closest name.
        InvalidValue: the URI has none of these forms.
    """
    return locate(uri, store).path


def pinned(uri: str, store: Store) -> str:
    """Return a URI with its alias, if it has one, replaced by the version that it means now.

    Raises:
        NotFound: there is no such model or alias.
    """
    name, at, alias = uri.removeprefix("models:/").rpartition("@")
    if not uri.startswith("models:/") or not at:
        return uri
    known = store.registry.model(name).aliases
    if alias not in known:
        raise unknown_alias(name, alias, known)
    return f"models:/{name}/{known[alias]}"


def locate(uri: str | os.PathLike[str], store: Store | None = None) -> Located:
    """Return the directory of a model together with its record; raises as `resolve` does."""
    text = os.fspath(uri)
    scheme, separator, rest = text.partition(":/")
    if separator and scheme in {"models", "runs"}:
        parts = rest.split("/")
        store = store or open_store(create=False)
        return _in_registry(text, parts, store) if scheme == "models" else _in_run(parts, store)
    if separator and scheme != "file":
        is_place = rest.startswith("/") and scheme not in _NO_PLACES
        if not is_place or did_you_mean(scheme, ("models", "runs")):
            raise InvalidValue(f"'{text}' does not name a model: give {_FORMS}.")
        return Located(copied(ArtifactRepository(text)), None)
    return Located(_checked(Path(text.removeprefix("file://")).expanduser().absolute()), None)


def _in_registry(uri: str, parts: list[str], store: Store) -> Located:
    match parts:
        case [model_id] if _MODEL_ID.fullmatch(model_id):
            return _logged(store.registry.logged_model(model_id))
        case [name] if "@" in name:
            return _by_alias(name, store)
        case [name] if name:
            latest = store.registry.versions(name)[-1].version
            raise InvalidValue(f"Say which version of the model: models:/{name}/{latest}, say.")
        case [name, version] if name and version:
            return locate(store.registry.version(name, version).source, store)
    raise InvalidValue(f"'{uri}' does not name a model: give {_FORMS}.")


def _by_alias(text: str, store: Store) -> Located:
    name, _, alias = text.rpartition("@")
    known = store.registry.model(name).aliases
    if alias not in known:
        raise unknown_alias(name, alias, known)
    return locate(store.registry.version(name, known[alias]).source, store)


def _in_run(parts: list[str], store: Store) -> Located:
    run_id, name = parts[0], "/".join(parts[1:])
    run = store.runs.get(run_id)
    models = store.registry.logged_models(run_id)
    for logged in reversed(models):  # the latest of that name
        if logged.name == name:
            return _logged(logged)
    if name:  # a client of MLflow 2 wrote the directory among the run's artifacts
        artifacts = ArtifactRepository(run.info.artifact_uri)
        if artifacts.exists(f"{name}/{FILE}"):
            return Located(_here(ArtifactRepository(locations.below(artifacts.uri, name))), None)
    known = sorted({model.name for model in models})
    has = f"it has {', '.join(known)}" if known else "it has none"
    raise NotFound(f"Run {run_id} has no model '{name}'; {has}.{did_you_mean(name, known)}")


def _logged(model: LoggedModel) -> Located:
    return Located(_here(ArtifactRepository(model.artifact_uri)), model)


def _here(artifacts: ArtifactRepository) -> Path:
    return _checked(artifacts.local_path()) if artifacts.is_local else copied(artifacts)


def _checked(path: Path) -> Path:
    if not path.is_dir():
        raise NotFound(f"There is no model directory {path}.")
    if not (path / FILE).is_file():
        raise NotFound(f"{path} is not a model directory: it has no {FILE} file.")
    return path
