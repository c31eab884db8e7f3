"""Signatures: what a model takes and gives, as records and as MLflow's JSON strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue

Name = str | int | float | tuple[Any, ...]
"""The name of a column, as pandas has them: a tuple where it has several levels."""


def type_of(given: str | dict[str, Any]) -> dict[str, Any]:
    """Return a type as MLflow writes it: of a plain one its name was enough."""
    return given if isinstance(given, dict) else {"type": str(given)}


class ColSpec(msgspec.Struct, frozen=True):
    """One column. `detail` keeps what MLflow's nested types (array, object, map) say beside it.

    Made with such a type as a dict, it takes that apart.
    """

    type: str
    name: Name | None = None
    required: bool = True
    detail: dict[str, Any] = {}

    def __post_init__(self) -> None:
        kind = type_of(self.type)
        detail = {key: value for key, value in kind.items() if key != "type"}
        msgspec.structs.force_setattr(self, "type", kind["type"])
        msgspec.structs.force_setattr(self, "detail", {**detail, **self.detail})

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's form."""
        name = {} if self.name is None else {"name": self.name}
        return {"type": self.type, **self.detail, **name, "required": self.required}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> ColSpec:
        """Read MLflow's form; also the older one, ``optional`` instead of ``required``."""
        known = {"type", "name", "required", "optional"}
        required = given.get("required", not given.get("optional", False))
        detail = {key: value for key, value in given.items() if key not in known}
        name = given.get("name")
        name = tuple(name) if isinstance(name, list) else name
        return cls(str(given["type"]), name, bool(required), detail)


ANY = ColSpec("any")


class TensorSpec(msgspec.Struct, frozen=True):
    """One array: numpy's name of the dtype, and the shape with -1 where it varies.

    Made with numpy's dtype itself, it takes the name.
    """

    type: str
    shape: tuple[int, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.type, str):
            import numpy as np

            msgspec.structs.force_setattr(self, "type", np.dtype(self.type).name)
        msgspec.structs.force_setattr(self, "shape", tuple(self.shape))

    @property
    def required(self) -> bool:
        """Every tensor is."""
        return True

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's form."""
        name = {} if self.name is None else {"name": self.name}
        spec = {"dtype": self.type, "shape": list(self.shape)}
        return {**name, "type": "tensor", "tensor-spec": spec}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> TensorSpec:
        """Read MLflow's form."""
        spec = given["tensor-spec"]
        return cls(str(spec["dtype"]), tuple(map(int, spec["shape"])), given.get("name"))


class ParamSpec(msgspec.Struct, frozen=True):
    """One param of `predict`: `shape` is None for a scalar, ``(-1,)`` for a list."""

    name: str
    dtype: str
    default: Any
    shape: tuple[int, ...] | None = None
    detail: dict[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's form."""
        shape = None if self.shape is None else list(self.shape)
        is_moment = hasattr(self.default, "isoformat")
        default = self.default.isoformat() if is_moment else self.default
        base = {"name": self.name, "default": default, "shape": shape, "type": self.dtype}
        return base | self.detail

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> ParamSpec:
        """Read MLflow's form."""
        known = {"name", "default", "shape", "type"}
        shape = None if given.get("shape") is None else tuple(map(int, given["shape"]))
        detail = {key: value for key, value in given.items() if key not in known}
        return cls(given["name"], str(given["type"]), given.get("default"), shape, detail)


class Schema(msgspec.Struct, frozen=True):
    """The columns, or the tensors, of an input or an output."""

    inputs: list[ColSpec] | list[TensorSpec]

    @property
    def columns(self) -> list[ColSpec]:
        """The columns; empty for a schema of tensors."""
        return [spec for spec in self.inputs if isinstance(spec, ColSpec)]

    @property
    def tensors(self) -> list[TensorSpec]:
        """The tensors; empty for a schema of columns."""
        return [spec for spec in self.inputs if isinstance(spec, TensorSpec)]

    @property
    def is_named(self) -> bool:
        """Whether columns or tensors are known by name, not by position."""
        return all(spec.name is not None for spec in self.inputs)

    @property
    def is_any(self) -> bool:
        """Whether nothing is known of what it is: it has no common type, or none of MLflow's."""
        return self.inputs == [ANY]

    def input_names(self) -> list[Name]:
        """Return the names in order."""
        return [spec.name for spec in self.inputs if spec.name is not None]

    def input_types(self) -> list[str]:
        """Return the types in order."""
        return [spec.type for spec in self.inputs]

    def to_dict(self) -> list[dict[str, Any]]:
        """Return MLflow's form."""
        return [spec.to_dict() for spec in self.inputs]

    @classmethod
    def from_list(cls, given: list[dict[str, Any]]) -> Schema:
        """Read MLflow's list of columns or of tensors."""
        if all(item["type"] == "tensor" for item in given):
            return cls([TensorSpec.from_dict(item) for item in given])
        return cls([ColSpec.from_dict(item) for item in given])


class ModelSignature(msgspec.Struct, frozen=True):
    """What a model takes, what it gives, and the params of its `predict`."""

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: list[ParamSpec] | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Return MLflow's form: each part is a JSON string."""
        return {
            "inputs": _dump(self.inputs.inputs if self.inputs else None),
            "outputs": _dump(self.outputs.inputs if self.outputs else None),
            "params": _dump(self.params),
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, str | None]) -> ModelSignature:
        """Read MLflow's form.

        Raises:
            InvalidValue: a part is not JSON, or not a list of columns, tensors or params.
        """
        try:
            inputs, outputs, params = (_load(given.get(k)) for k in ("inputs", "outputs", "params"))
            return cls(
                None if inputs is None else Schema.from_list(inputs),
                None if outputs is None else Schema.from_list(outputs),
                None if params is None else [ParamSpec.from_dict(item) for item in params],
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidValue("The model's signature is damaged: log the model again.") from error


def _dump(specs: list[Any] | None) -> str | None:
    return None if specs is None else json.dumps([spec.to_dict() for spec in specs])


def _load(text: str | None) -> Any:
    return None if text is None else json.loads(text)
