"""Model directories written: whole, or not at all."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import AlreadyExists, InvalidValue, did_you_mean
from nbtrail.models import environment, examples, flavors, integrity
from nbtrail.models.flavors import Flavor, Predictor, Saved
from nbtrail.models.mlmodel import FORMAT_VERSION, PYFUNC, MLmodel
from nbtrail.models.signatures import hints
from nbtrail.models.signatures.inference import infer_schema, infer_signature
from nbtrail.models.signatures.schema import ModelSignature

CODE = "code"
NOTES = "nbtrail"  # the key of what nbtrail alone says, in the metadata of an MLmodel file

# What MLflow takes, and what has no meaning here.
_IGNORED = frozenset(
    "await_registration_for run_id model_type prompts step example_no_conversion "
    "mlflow_model env_vars auth_policy resources streamable uv_project_path uv_groups "
    "uv_extras".split()
)


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept beside a model; see `save_model`."""

    input_example: Any = None
    signature: ModelSignature | None = None
    params: dict[str, Any] | None = None
    code_paths: Sequence[str | os.PathLike[str]] | None = None
    pip_requirements: Sequence[str] | str | None = None
    extra_pip_requirements: Sequence[str] | str | None = None
    conda_env: Mapping[str, Any] | str | os.PathLike[str] | None = None
    metadata: dict[str, Any] | None = None


def save_model(
    model: Any, path: str | os.PathLike[str], *, flavor: str | None = None, **known: Any
) -> MLmodel:
    """Write a model directory in MLflow's format, which MLflow reads, too.

    Args:
        model: an object that one of the flavors knows, such as a scikit-learn estimator, a
            function, or the path of a Python file that calls `nbtrail.models.set_model`.
        path: the directory to make; it must not exist, or be empty.
        flavor: the name of the flavor, where more than one would do.
        known: ``input_example`` (data that the model predicts; its first rows are kept; a tuple
            has params, too), ``signature`` (without it, the example and what the model predicts
            for it say so; with it, the model's `predict` is not called), ``params`` (what the
            model was made with), ``code_paths`` (files and folders that it imports),
            ``pip_requirements`` or ``extra_pip_requirements`` or ``conda_env`` (a dict or the
            path of a YAML file), ``metadata``. Other names are the flavor's own.

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
        extras, options = split(known)
        written = write(model, temporary, extras, flavor, options)
        temporary.chmod(0o755)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return written


def split(known: dict[str, Any]) -> tuple[Extras, dict[str, Any]]:
    """Return what is kept beside a model, and the rest, which is for its flavor."""
    fields = set(Extras.__struct_fields__)
    extras = Extras(**{key: value for key, value in known.items() if key in fields})
    dropped = fields | _IGNORED
    return extras, {key: value for key, value in known.items() if key not in dropped}


def write(
    model: Any,
    directory: Path,
    extras: Extras,
    name: str | None = None,
    options: dict[str, Any] | None = None,
    **identity: str | None,
) -> MLmodel:
    """Write a model's files into an existing, empty directory; see `save_model`.

    `name` is the flavor's, and `identity` are the fields of `MLmodel` that say whose model it
    is, such as ``run_id``.
    """
    flavor = flavors.named(name) if name else flavors.for_model(model)
    example, params = examples.split(extras.input_example)
    example = _prepared(flavor, model, example)
    rows = None if example is None else examples.head(example)
    code = _copy_code(extras.code_paths, directory)
    options = _with_example(flavor, options or {}, rows)
    saved = _save(flavor, model, directory, options)
    signature = extras.signature or _signature(flavor, model, example, rows, params)
    about = MLmodel(
        flavors=_flavors(flavor, saved, code),
        metadata=_metadata(extras, saved),
        mlflow_version=FORMAT_VERSION,
        model_size_bytes=sum(f.stat().st_size for f in directory.rglob("*") if f.is_file()),
        saved_input_example_info=None if rows is None else examples.write(rows, params, directory),
        signature_dict=signature.to_dict() if signature else None,
        utc_time_created=str(datetime.now(UTC).replace(tzinfo=None)),
        model_uuid=identity.get("model_id") or uuid.uuid4().hex,
    )
    about = msgspec.structs.replace(about, **identity)
    about.write(directory)
    packages = [*saved.packages, *_table_packages(signature)]
    environment.record(directory, packages, extras, is_open=saved.is_open)
    integrity.seal(directory)
    return about


def _save(flavor: Flavor, model: Any, directory: Path, options: dict[str, Any]) -> Saved:
    import inspect

    known = inspect.signature(flavor.save).parameters
    any_goes = any(one.kind is one.VAR_KEYWORD for one in known.values())
    unknown = [] if any_goes else [key for key in options if key not in known]
    if unknown:
        close = did_you_mean(unknown[0], known)
        raise InvalidValue(f"The flavor {flavor.NAME} knows no argument '{unknown[0]}'.{close}")
    return flavor.save(model, directory, **options)


def _prepared(flavor: Flavor, model: Any, example: Any) -> Any:
    """Some flavors take examples in their framework's own terms, such as tensors."""
    prepare = getattr(flavor, "prepared", None)
    return example if prepare is None or example is None else prepare(model, example)


def _with_example(flavor: Flavor, options: dict[str, Any], rows: Any) -> dict[str, Any]:
    """Some flavors trace the model on an example."""
    wants = getattr(flavor, "WANTS_EXAMPLE", False)
    return {**options, "example": rows} if wants else options


def _flavors(flavor: Flavor, saved: Saved, code: str | None) -> dict[str, dict[str, Any]]:
    env = {"conda": environment.CONDA, "virtualenv": environment.PYTHON}
    common: dict[str, Any] = {"env": env, "python_version": platform.python_version()}
    pyfunc = {**common, **saved.pyfunc, **({"code": code} if code else {})}
    if flavor.NAME == PYFUNC:
        return {PYFUNC: pyfunc}
    return {PYFUNC: pyfunc, flavor.NAME: {**saved.config, **({"code": code} if code else {})}}


def _metadata(extras: Extras, saved: Saved) -> dict[str, Any] | None:
    """Return the user's own, and under one key what nbtrail knows and MLflow has no place for."""
    params = {key: str(value) for key, value in (extras.params or {}).items()}
    notes = {**({"params": params} if params else {}), **saved.notes}
    if not extras.metadata and not notes:
        return None
    return {**(extras.metadata or {}), **({NOTES: notes} if notes else {})}


def _copy_code(paths: Sequence[str | os.PathLike[str]] | None, directory: Path) -> str | None:
    """Copy files and folders of modules into the model; return the folder's name."""
    for path in map(Path, paths or []):
        target = directory / CODE / path.resolve().name
        target.parent.mkdir(exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        elif path.is_file():
            shutil.copy(path, target)
        else:
            raise InvalidValue(f"There is no file or folder {path}: code_paths names it.")
    return CODE if paths else None


def _table_packages(signature: ModelSignature | None) -> list[str]:
    """A model that takes columns gets them as a DataFrame."""
    return ["pandas"] if signature and signature.inputs and signature.inputs.columns else []


def _signature(
    flavor: Flavor, model: Any, example: Any, rows: Any, params: dict[str, Any] | None
) -> ModelSignature | None:
    """Infer from hints, or from all rows what goes in, and from the first ones what comes out."""
    if (hinted := hints.signature_of(model, params)) is not None:
        return hinted
    if example is None:
        return None
    inputs = infer_schema(example)
    given = infer_signature(params=params).params
    predictor = predictor_of(flavor, model)
    if predictor is None:
        return ModelSignature(inputs, None, given)
    predictions = _predictions(predictor, rows, params)
    return ModelSignature(inputs, infer_schema(predictions), given)


def predictor_of(flavor: Flavor, model: Any) -> Predictor | None:
    """Return what predicts with a model that is in memory; None if it cannot."""
    if (make := getattr(flavor, "predictor", None)) is not None:
        made: Predictor | None = make(model)
        return made
    return model if hasattr(model, "predict") else None


def _predictions(predictor: Predictor, rows: Any, params: dict[str, Any] | None) -> Any:
    try:
        return predictor.predict(rows, params) if params else predictor.predict(rows)
    except Exception as error:
        raise InvalidValue(
            f"The model cannot predict its input_example ({type(error).__name__}: {error}): give "
            "data as it was fitted on, or pass signature= instead."
        ) from error
