"""What a model takes and gives, as a form for trying it needs it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.models import ColSpec, MLmodel, ModelSignature, ParamSpec, TensorSpec, locate
from nbtrail.models.mlmodel import FILE
from nbtrail.models.signatures.schema import Name
from nbtrail.store import Store


class FieldJson(msgspec.Struct):
    """A column, a tensor or a param; `detail` is what MLflow's nested types say beside `type`."""

    name: Name | None
    type: str
    required: bool = True
    shape: list[int] | None = None
    default: Any = None
    detail: dict[str, Any] = {}


class SignatureJson(msgspec.Struct):
    """A signature; None where it says nothing of inputs or outputs."""

    inputs: list[FieldJson] | None
    outputs: list[FieldJson] | None
    params: list[FieldJson]


class ModelFiles(msgspec.Struct, frozen=True):
    """What is read from a model's directory; `size` in bytes."""

    signature: SignatureJson | None
    flavors: list[str]
    size: int


def files_of(store: Store, uri: str) -> ModelFiles:
    """Return what the directory of a model says.

    Raises:
        NotFound: there is no such model, or no such directory.
        InvalidValue: its files are damaged.
    """
    path = locate(uri, store).path
    return _read(path, (path / FILE).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> ModelFiles:
    about = MLmodel.read(path)
    signature = about.signature
    return ModelFiles(
        None if signature is None else _signature(signature),
        sorted(about.flavors),
        about.model_size_bytes or ArtifactRepository(path).size(),
    )


def _signature(signature: ModelSignature) -> SignatureJson:
    inputs, outputs = signature.inputs, signature.outputs
    return SignatureJson(
        None if inputs is None else _fields(inputs.inputs),
        None if outputs is None else _fields(outputs.inputs),
        _fields(signature.params or []),
    )


def _fields(specs: Sequence[ColSpec | TensorSpec | ParamSpec]) -> list[FieldJson]:
    return [_field(spec) for spec in specs]


def _field(spec: ColSpec | TensorSpec | ParamSpec) -> FieldJson:
    match spec:
        case ColSpec():
            return FieldJson(spec.name, spec.type, spec.required, detail=spec.detail)
        case TensorSpec():
            return FieldJson(spec.name, spec.type, shape=list(spec.shape))
        case ParamSpec():
            shape = None if spec.shape is None else list(spec.shape)
            return FieldJson(spec.name, spec.dtype, False, shape, spec.default, spec.detail)
