"""Logged and registered models, and endpoints."""

from __future__ import annotations

from typing import Literal

from nbtrail.entities.base import EndpointState, Record

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


class Endpoint(Record, frozen=True):
    """A served model: a row in the store, so that any process of the user can find it.

    `token` is what the scoring process asks for; it never leaves the machine's user.
    """

    name: str
    model_uri: str
    host: str
    port: int | None
    pid: int | None
    token: str
    state: EndpointState
    started: int
    error: str | None = None

    def __repr__(self) -> str:
        """Show all but the token: what a cell displays is saved in the notebook."""
        shown = (f for f in self.__struct_fields__ if f != "token")
        return f"Endpoint({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
