"""Models as part of a run."""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import LoggedModel
from nbtrail.errors import InvalidValue
from nbtrail.models import facts, saving
from nbtrail.models.mlmodel import PYFUNC
from nbtrail.models.signatures.schema import ModelSignature
from nbtrail.tracking import current_execution, require_run


class ModelInfo(msgspec.Struct, frozen=True):
    """A model that was logged: how to find it, and what it takes and gives."""

    model_id: str
    model_uri: str
    run_id: str
    signature: ModelSignature | None
    flavors: dict[str, dict[str, Any]]
    registered_model_version: str | None = None


def log_model(
    model: Any,
    name: str | None = None,
    *,
    flavor: str | None = None,
    registered_model_name: str | None = None,
    artifact_path: str | None = None,
    **known: Any,
) -> ModelInfo:
    """Log a model under the active run, which is started if there is none.

    Args:
        model: an object that one of the flavors knows, such as a scikit-learn estimator, or a
            function.
        name: what to call it within the run, by default ``model``; without ``/`` and ``:``.
        flavor: the name of the flavor, where more than one would do.
        registered_model_name: register it under this name, too.
        artifact_path: MLflow's older word for `name`.
        known: ``input_example``, ``signature``, ``params``, ``code_paths``,
            ``pip_requirements``, ``extra_pip_requirements``, ``metadata``: see `save_model`.

    Raises:
        InvalidValue: no flavor knows the model, it cannot predict the example, or a bad name.
    """
    name = next((one for one in (name, artifact_path) if one is not None), "model")
    check_name(name)
    if registered_model_name is not None:
        check_name(registered_model_name)
    extras, options = saving.split(known)
    with tempfile.TemporaryDirectory(prefix="nbtrail-model-") as folder:
        run = require_run()
        model_id = f"m-{uuid.uuid4().hex}"
        uri = run.store.model_artifact_uri(run.experiment_id, model_id)
        identity = {"artifact_path": uri, "model_id": model_id, "run_id": run.run_id}
        about = saving.write(model, Path(folder), extras, flavor, options, **identity)
        known_by = facts.read(Path(folder), run.store, run.run_id)
        ArtifactRepository(uri).upload(folder)
    run.store.registry.log_model(  # only now, with the directory complete, is there a model
        LoggedModel(
            model_id=model_id,
            experiment_id=run.experiment_id,
            name=name,
            artifact_uri=uri,
            creation_timestamp=int(time.time() * 1000),
            source_run_id=run.run_id,
            execution=current_execution(),
            flavor=next((flavor for flavor in about.flavors if flavor != PYFUNC), PYFUNC),
        )
    )
    run.logged_in = current_execution()
    version = None
    if registered_model_name is not None:
        made = run.store.registry.create_version(
            registered_model_name, f"models:/{model_id}", run.run_id, model_id, facts=known_by
        )
        version = made.version
    return ModelInfo(
        model_id, f"models:/{model_id}", run.run_id, about.model_signature, about.flavors, version
    )


def check_name(name: str) -> None:
    """Refuse what cannot stand in a ``models:/`` or ``runs:/`` URI.

    Raises:
        InvalidValue: the name is empty, has ``/`` or ``:``, or is ``.`` or ``..``.
    """
    if not name.strip() or name in {".", ".."} or "/" in name or ":" in name:
        raise InvalidValue(f"'{name}' cannot name a model: use a name without '/' and ':'.")
