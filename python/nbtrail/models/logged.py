"""Models as part of a run."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import LoggedModel
from nbtrail.errors import InvalidValue
from nbtrail.models import copies, facts, integrity, saving
from nbtrail.models.mlmodel import PYFUNC, MLmodel
from nbtrail.models.signatures.schema import ModelSignature
from nbtrail.models.uris import locate
from nbtrail.store import Store
from nbtrail.tracking import current_execution, process, require_run


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A model: how to find it, and what its ``MLmodel`` file says, by MLflow's names.

    `model_id` and `name` are None for a directory that no run has logged.
    """

    model_id: str | None
    model_uri: str
    run_id: str | None
    name: str | None
    signature: ModelSignature | None
    flavors: dict[str, dict[str, Any]]
    metadata: dict[str, Any] | None
    artifact_path: str | None
    model_uuid: str | None
    utc_time_created: str | None
    mlflow_version: str | None
    registered_model_version: str | None = None

    @property
    def signature_dict(self) -> dict[str, str | None] | None:
        """The signature as MLflow writes it: JSON strings."""
        return None if self.signature is None else self.signature.to_dict()


def get_model_info(model_uri: str | os.PathLike[str], store: Store | None = None) -> ModelInfo:
    """Return what is known of a model; nothing of it is loaded.

    Args:
        model_uri: as `load_model` takes it.
        store: where to look the name up; by default the one that is found from here.

    Raises:
        NotFound: there is no such model.
        InvalidValue: its ``MLmodel`` file is damaged.
    """
    path, logged = locate(model_uri, store)
    return _info(MLmodel.read(path), os.fspath(model_uri), logged.name if logged else None)


def _info(about: MLmodel, uri: str, name: str | None, version: str | None = None) -> ModelInfo:
    return ModelInfo(
        model_id=about.model_id,
        model_uri=uri,
        run_id=about.run_id,
        name=name,
        signature=about.signature,
        flavors=about.flavors,
        metadata=about.metadata,
        artifact_path=about.artifact_path,
        model_uuid=about.model_uuid,
        utc_time_created=about.utc_time_created,
        mlflow_version=about.mlflow_version,
        registered_model_version=version,
    )


def set_signature(
    model_uri: str | os.PathLike[str], signature: ModelSignature, store: Store | None = None
) -> None:
    """Give a model another signature; its digests are those of what it is then.

    Args:
        model_uri: ``models:/m-<id>``, ``runs:/<run id>/<name>`` or a directory.
        signature: what it takes and gives from now on.
        store: where to look the name up; by default the one that is found from here.

    Raises:
        NotFound: there is no such model.
        InvalidValue: it is a registered version, which does not change, or is elsewhere.
    """
    uri = os.fspath(model_uri)
    named = uri.removeprefix("models:/")
    if named != uri and ("/" in named or "@" in named):
        raise InvalidValue(
            f"{uri:.200} is a registered version, which does not change: set the signature of the "
            "model that it was made from, and register that."
        )
    path, _ = locate(uri, store)
    copies.refuse_change(path)
    integrity.verify(path)
    about = MLmodel.read(path)
    msgspec.structs.replace(about, signature_dict=signature.to_dict()).write(path)
    integrity.seal(path)


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
    made = LoggedModel(
        model_id=model_id,
        experiment_id=run.experiment_id,
        name=name,
        artifact_uri=uri,
        creation_timestamp=int(time.time() * 1000),
        source_run_id=run.run_id,
        execution=current_execution(),
        flavor=next((flavor for flavor in about.flavors if flavor != PYFUNC), PYFUNC),
    )
    run.store.registry.log_model(made)  # only now, with the directory complete, is there a model
    process.logged_model = made
    run.logged_in = current_execution()
    version = None
    if registered_model_name is not None:
        version = run.store.registry.create_version(
            registered_model_name, f"models:/{model_id}", run.run_id, model_id, facts=known_by
        ).version
    return _info(about, f"models:/{model_id}", name, version)


def check_name(name: str) -> None:
    """Refuse what cannot stand in a ``models:/`` or ``runs:/`` URI.

    Raises:
        InvalidValue: the name is empty, has ``/`` or ``:``, or is ``.`` or ``..``.
    """
    if not name.strip() or name in {".", ".."} or "/" in name or ":" in name:
        raise InvalidValue(f"'{name}' cannot name a model: use a name without '/' and ':'.")
