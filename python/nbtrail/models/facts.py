"""What a version is known by when it is looked for: flavor, algorithm, columns and size.

It is read off the model's directory when it is registered; nothing of the model is loaded.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from nbtrail.errors import NbtrailError, NotFound
from nbtrail.models.mlmodel import PYFUNC, MLmodel
from nbtrail.store import Store
from nbtrail.store.registry import VersionFacts

_ESTIMATOR = "estimator_name"  # autolog's tag
_MOST_SCHEMA = 50_000_000  # bytes
_MOST_COLUMNS = 20_000  # characters


def read(path: Path, store: Store, run_id: str | None) -> VersionFacts:
    """Return what the directory of a model says.

    Raises:
        NotFound: it is no model directory.
        InvalidValue: its ``MLmodel`` file is damaged.
    """
    about = MLmodel.read(path)
    flavor = next((one for one in about.flavors if one != PYFUNC), PYFUNC)
    config = about.flavors.get(flavor, {})
    algorithm = (about.metadata or {}).get("algorithm") or config.get("algorithm")
    size = about.model_size_bytes or sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    return VersionFacts(
        flavor,
        str(algorithm) if algorithm else _algorithm(path, config) or _tagged(store, run_id),
        _columns(about),
        size,
    )


def _columns(about: MLmodel) -> str | None:
    """Return the names of what the model takes, between commas."""
    try:
        signature = about.signature
    except (NbtrailError, ValueError):
        return None
    names = [one.name for one in signature.inputs.inputs] if signature and signature.inputs else []
    return ", ".join(str(name) for name in names if name is not None)[:_MOST_COLUMNS] or None


def _algorithm(path: Path, config: dict[str, Any]) -> str | None:
    """Return the class of an estimator that is kept as skops: of a pipeline, its steps' too."""
    file = path / str(config.get("pickled_model"))
    if config.get("serialization_format") != "skops" or not file.is_file():
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo("schema.json").file_size > _MOST_SCHEMA:
                return None
            schema = json.loads(archive.read("schema.json"))
        return _described(schema)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, RecursionError):
        return None


def _described(node: dict[str, Any]) -> str | None:
    """Return the class of an estimator, and of what stands in it in parentheses."""
    name = node.get("__class__")
    if not isinstance(name, str):
        return None
    inner = [one for one in _estimators(node.get("content")) if one]
    return f"{name}({', '.join(inner)})" if inner else name


def _estimators(node: Any) -> list[str | None]:
    """Return the estimators of a pipeline's steps, wherever lists and tuples have them."""
    if not isinstance(node, dict):
        return []
    found: list[str | None] = []
    content = node.get("content")
    steps = content.get("steps") if isinstance(content, dict) else None
    for step in (steps or {}).get("content", []):
        pair = step.get("content", [])
        if len(pair) == 2 and str(pair[1].get("__module__", "")).partition(".")[0] != "builtins":
            found.append(_described(pair[1]))
    return found


def _tagged(store: Store, run_id: str | None) -> str | None:
    """Return the class that autolog saw the run fit."""
    if run_id is None:
        return None
    try:
        return store.runs.get(run_id).data.tags.get(_ESTIMATOR)
    except NotFound:
        return None
