"""Model directories written: whole, or not at all."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import AlreadyExists, InvalidValue
from nbtrail.models import environment, examples, flavors
from nbtrail.models.flavors import Saved
from nbtrail.models.inference import infer_schema
from nbtrail.models.mlmodel import FORMAT_VERSION, PYFUNC, MLmodel
from nbtrail.models.schema import ModelSignature


def save_model(
    model: Any,
    path: str | os.PathLike[str],
    *,
    input_example: Any = None,
    signature: ModelSignature | None = None,
) -> MLmodel:
    """Write a model directory in MLflow's format, which MLflow reads, too.

    Args:
        model: an object that one of the flavors knows, such as a scikit-learn estimator.
        path: the directory to make; it must not exist, or be empty.
        input_example: data that the model predicts; its first rows are kept beside the model.
        signature: what the model takes and gives. Without it, the example and what the model
            predicts for it say so; with it, the model's `predict` is not called.

    Returns:
        What the ``MLmodel`` file says.

    Raises:
        AlreadyExists: there is something at `path`.
        InvalidValue: no flavor knows the model, or it cannot predict the example.
    """
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise AlreadyExists(f"There is something at {target} already: choose another directory.")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        written = write(model, temporary, input_example=input_example, signature=signature)
        temporary.chmod(0o755)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return written


def write(
    model: Any,
    directory: Path,
    *,
    input_example: Any = None,
    signature: ModelSignature | None = None,
    **identity: str | None,
) -> MLmodel:
    """Write a model's files into an existing, empty directory; see `save_model`.

    `identity` are the fields of `MLmodel` that say whose model it is, such as ``run_id``.
    """
    flavor = flavors.for_model(model)
    rows = None if input_example is None else examples.head(input_example)
    if signature is None and rows is not None:
        signature = _signature(model, input_example, rows)
    saved = flavor.save(model, directory)
    environment.write(directory, environment.pin([*saved.packages, *_table_packages(signature)]))
    about = MLmodel(
        flavors={PYFUNC: _pyfunc(saved), flavor.NAME: saved.config},
        mlflow_version=FORMAT_VERSION,
        model_size_bytes=sum(f.stat().st_size for f in directory.rglob("*") if f.is_file()),
        saved_input_example_info=None if rows is None else examples.write(rows, directory),
        signature=signature.to_dict() if signature else None,
        utc_time_created=str(datetime.now(UTC).replace(tzinfo=None)),
        model_uuid=identity.get("model_id") or uuid.uuid4().hex,
    )
    about = msgspec.structs.replace(about, **identity)
    about.write(directory)
    return about


def _pyfunc(saved: Saved) -> dict[str, Any]:
    env = {"conda": environment.CONDA, "virtualenv": environment.PYTHON}
    return {"env": env, "python_version": platform.python_version(), **saved.pyfunc}


def _table_packages(signature: ModelSignature | None) -> list[str]:
    """A model that takes columns gets them as a DataFrame."""
    return ["pandas"] if signature and signature.inputs and signature.inputs.columns else []


def _signature(model: Any, example: Any, rows: Any) -> ModelSignature:
    """Infer from all of the example's rows what goes in, from its first ones what comes out."""
    inputs = infer_schema(example)
    if not hasattr(model, "predict"):
        return ModelSignature(inputs)
    try:
        predictions = model.predict(rows)
    except Exception as error:
        raise InvalidValue(
            f"The model cannot predict its input_example ({type(error).__name__}: {error}): give "
            "data as it was fitted on, or pass signature= instead."
        ) from error
    return ModelSignature(inputs, infer_schema(predictions))
