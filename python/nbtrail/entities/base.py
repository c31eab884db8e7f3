"""What all records share, and the fixed words: statuses, stages, views."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, StrEnum
from typing import Any, Generic, Literal, TypeVar

import msgspec

Status = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
Stage = Literal["active", "deleted"]
CellStatus = Literal["running", "ok", "error", "interrupted", "killed"]
ParamOrigin = Literal["explicit", "injected", "inferred", "inherited", "autolog"]
RunKind = Literal["explicit", "implicit"]
EndpointState = Literal["starting", "ready", "failed", "stopped"]
T = TypeVar("T")


class _Numbered(IntEnum):
    """MLflow's enumerations: numbers with names, and both ways between them."""

    @classmethod
    def from_string(cls, name: str) -> int:
        """Return the number of a name.

        Raises:
            ValueError: there is no such name.
        """
        found = cls.__members__.get(str(name).upper())
        if found is None:
            known = ", ".join(cls.__members__)
            raise ValueError(f"'{name!s:.40}' is none of {known}.")
        return found

    @classmethod
    def to_string(cls, number: int) -> str:
        """Return the name of a number."""
        return cls(number).name


class ViewType(_Numbered):
    """Which experiments or runs a search is about, by their lifecycle stage."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3

    @classmethod
    def to_string(cls, number: int) -> str:
        """Return the name of a number, which MLflow writes in small letters."""
        return cls(number).name.lower()


class LifecycleStage(StrEnum):
    """Whether an experiment or a run is there, or deleted and may be restored."""

    ACTIVE = "active"
    DELETED = "deleted"

    @classmethod
    def is_valid(cls, stage: str) -> bool:
        """Return whether there is such a stage."""
        return stage in list(cls)

    @classmethod
    def view_type_to_stages(cls, view_type: int = ViewType.ALL) -> list[str]:
        """Return the stages that a search of this kind is about."""
        return [stage for stage, view in zip(cls, ViewType, strict=False) if view_type in {view, 3}]

    @classmethod
    def matches_view_type(cls, view_type: int, stage: str) -> bool:
        """Return whether a search of this kind is about this stage."""
        return stage in cls.view_type_to_stages(view_type)


class RunStatus(_Numbered):
    """The statuses of a run; `run.info.status` is the name."""

    RUNNING = 1
    SCHEDULED = 2
    FINISHED = 3
    FAILED = 4
    KILLED = 5

    @classmethod
    def is_terminated(cls, status: int) -> bool:
        """Return whether a run with this status has ended."""
        return status >= cls.FINISHED

    @classmethod
    def all_status(cls) -> list[int]:
        """Return all statuses."""
        return list(cls)


class SourceType(_Numbered):
    """What a run was started from; the tag ``mlflow.source.type`` has the name."""

    NOTEBOOK = 1
    JOB = 2
    PROJECT = 3
    LOCAL = 4
    UNKNOWN = 5


class PagedList(list[T], Generic[T]):
    """One page of results; `token` gets the next one, None after the last."""

    def __init__(self, items: list[T], token: str | None) -> None:
        super().__init__(items)
        self.token = token


class Record(msgspec.Struct, frozen=True, kw_only=False):
    """Base of all entities. ``dict(record)`` gives the fields by name."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in self.__struct_fields__)

    def to_dictionary(self) -> dict[str, Any]:
        """Return the record, and those in it, as dicts and lists."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
