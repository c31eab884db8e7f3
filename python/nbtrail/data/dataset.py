"""What all datasets have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nbtrail import entities
from nbtrail.data.source import DatasetSource
from nbtrail.errors import InvalidValue, did_you_mean

SCHEMA_LIMIT = 1_048_575  # characters, as MLflow's


class Schema(dict[str, Any]):
    """What columns or arrays there are, as on MLflow's wire."""

    def to_dict(self) -> Any:
        """Return a list of the columns; of arrays, all that there is."""
        return self.get("mlflow_colspec", dict(self))

    def input_names(self) -> list[Any]:
        """Return the names of the columns."""
        return [column["name"] for column in self.get("mlflow_colspec", ()) if "name" in column]


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Data that a run uses.

    Attributes:
        name: what people call it.
        digest: a hash of the whole content: of values, their order and their types.
        source: where it came from.
        schema: its columns (``mlflow_colspec``) or arrays (``mlflow_tensorspec``), if it has any.
        profile: how much there is, and statistics of the columns of numbers.
    """

    name: str
    digest: str
    source: DatasetSource
    schema: dict[str, Any] | None
    profile: dict[str, Any]

    def __post_init__(self) -> None:
        if self.schema is not None:
            object.__setattr__(self, "schema", Schema(self.schema))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}, digest {self.digest}>"

    @property
    def source_type(self) -> str:
        """The kind of the source."""
        return self.source.source_type

    def to_dict(self) -> dict[str, str | None]:
        """Return MLflow's form: source, schema and profile are JSON texts.

        A schema that is too long to be stored, of tens of thousands of columns, is left out.
        """
        schema = None if self.schema is None else json.dumps(self.schema)
        return {
            "name": self.name,
            "digest": self.digest,
            "source": self.source.to_json(),
            "source_type": self.source_type,
            "schema": schema if schema and len(schema) <= SCHEMA_LIMIT else None,
            "profile": json.dumps(self.profile),
        }

    def to_json(self) -> str:
        """Return MLflow's form as a JSON text."""
        return json.dumps(self.to_dict())

    def to_entity(self) -> entities.Dataset:
        """Return the record that a store keeps."""
        form = self.to_dict()
        source = self.source.to_json()
        return entities.Dataset(
            self.name, self.digest, self.source_type, source, form["schema"], form["profile"]
        )


def check_columns(known: Iterable[object], **named: str | None) -> None:
    """Check that columns are there; `named` are their names by what they are for.

    Raises:
        InvalidValue: one is not; the message names the closest.
    """
    columns = list(known)
    for role, name in named.items():
        if name is not None and name not in columns:
            close = did_you_mean(str(name), map(str, columns))
            raise InvalidValue(f"The data has no column '{name}' for {role}.{close}")


def check_kind(data: object, wanted: type, advice: str) -> None:
    """Check that `data` is of the class that is wanted.

    Raises:
        InvalidValue: it is not; the message says what to give.
    """
    if not isinstance(data, wanted):
        raise InvalidValue(f"A {type(data).__name__} is no {wanted.__name__}: {advice}.")
