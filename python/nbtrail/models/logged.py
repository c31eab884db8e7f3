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
from nbtrail.models import saving
from nbtrail.models.mlmodel import PYFUNC
from nbtrail.models.schema import ModelSignature
from nbtrail.tracking import current_execution, require_run


class ModelInfo(msgspec.Struct, frozen=True):
    """A model that was logged: how to find it, and what it takes and gives."""

    model_id: str
    model_uri: str
    run_id: str
    signature: ModelSignature | None
    flavors: dict[str, dict[str, Any]]


def log_model(
    model: Any,
    name: str = "model",
    *,
    input_example: Any = None,
    signature: ModelSignature | None = None,
) -> ModelInfo:
    """Log a model under the active run, which is started if there is none.

    Args:
        model: an object that one of the flavors knows, such as a scikit-learn estimator.
        name: what to call it within the run; without ``/`` and ``:``.
        input_example: data that the model predicts; its first rows are kept beside the model.
        signature: what the model takes and gives. Without it, the example and what the model
            predicts for it say so; with it, the model's `predict` is not called.

    Raises:
        InvalidValue: no flavor knows the model, it cannot predict the example, or a bad name.
    """
    check_name(name)
    with tempfile.TemporaryDirectory(prefix="nbtrail-model-") as folder:
        run = require_run()
        model_id = f"m-{uuid.uuid4().hex}"
        uri = run.store.model_artifact_uri(run.experiment_id, model_id)
        about = saving.write(
            model,
            Path(folder),
            input_example=input_example,
            signature=signature,
            artifact_path=uri,
            model_id=model_id,
            run_id=run.run_id,
        )
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
            flavor=next(flavor for flavor in about.flavors if flavor != PYFUNC),
        )
    )
    run.logged_in = current_execution()
    return ModelInfo(
        model_id, f"models:/{model_id}", run.run_id, about.model_signature, about.flavors
    )


def check_name(name: str) -> None:
    """Refuse what cannot stand in a ``models:/`` or ``runs:/`` URI.

    Raises:
        InvalidValue: the name is empty, has ``/`` or ``:``, or is ``.`` or ``..``.
    """
    if not name.strip() or name in {".", ".."} or "/" in name or ":" in name:
        raise InvalidValue(f"'{name}' cannot name a model: use a name without '/' and ':'.")
