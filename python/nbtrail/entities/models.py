"""Logged and registered models."""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities.base import Record

ModelStage = Literal["None", "Staging", "Production", "Archived"]


class LoggedModel(Record, frozen=True):
    """A model as it was logged by a run. `artifact_uri` is the model directory."""

    model_id: str
    experiment_id: str
    name: str
    artifact_uri: str
    creation_timestamp: int
    source_run_id: str | None = None
    execution: int | None = None
    flavor: str = ""
    status: Literal["PENDING", "READY", "FAILED"] = "READY"


class ModelVersion(Record, frozen=True):
    """One version of a registered model. `version` is a string, as on MLflow's wire.

    `algorithm` is the class of what was fitted, and `size` in bytes, as far as its directory said
    so when it was registered.
    """

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    source: str
    run_id: str | None = None
    model_id: str | None = None
    description: str = ""
    status: str = "READY"
    current_stage: ModelStage = "None"
    tags: dict[str, str] = {}
    aliases: list[str] = []
    flavor: str | None = None
    algorithm: str | None = None
    size: int | None = None

    @property
    def stage(self) -> str:
        """The stage for people: empty where it is in none."""
        return "" if self.current_stage == "None" else self.current_stage


class RegisteredModel(Record, frozen=True):
    """A name under which versions of a model are kept; `aliases` has versions by their aliases.

    `latest_versions` has the latest version of each stage.
    """

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_version: str | None = None
    tags: dict[str, str] = {}
    aliases: dict[str, str] = {}
    latest_versions: list[ModelVersion] = []


class ModelChange(Record, frozen=True):
    """One entry of the registry's history: who changed what of a model, when and why.

    `before` and `after` are JSON-representable; `key` is the name of an alias or a tag. `hash` is
    over all of it and the entry before.
    """

    id: int
    at: int
    who: str
    action: str
    name: str
    version: str | None
    key: str | None
    before: Any
    after: Any
    reason: str | None
    hash: str


class OriginCell(Record, frozen=True):
    """The cell that logged a model."""

    execution: int
    cell_id: str | None
    execution_count: int | None
    source: str


class OriginDataset(Record, frozen=True):
    """Data that the run of a model has used."""

    name: str
    digest: str
    context: str


class VersionOrigin(Record, frozen=True):
    """Where a version came from; None for what nothing is known of."""

    run_id: str | None = None
    run_name: str | None = None
    experiment: str | None = None
    notebook: str | None = None
    cell: OriginCell | None = None
    datasets: list[OriginDataset] = []
    commit: str | None = None
    repository: str | None = None
    dirty: bool | None = None
