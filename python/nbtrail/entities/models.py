"""Logged and registered models."""

from __future__ import annotations

from typing import Literal

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


class RegisteredModel(Record, frozen=True):
    """A name under which versions of a model are kept; `aliases` has versions by their aliases."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_version: str | None = None
    tags: dict[str, str] = {}
    aliases: dict[str, str] = {}


class ModelVersion(Record, frozen=True):
    """One version of a registered model. `version` is a string, as on MLflow's wire."""

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
