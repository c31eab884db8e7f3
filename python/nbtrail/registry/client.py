"""`Client`: MLflow's methods on experiments, runs and models by their ids; no run is current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtrail.entities import ModelVersion
from nbtrail.models import facts, locate
from nbtrail.store.chain import By
from nbtrail.store.keys import check_model_name
from nbtrail.tracking import client as tracking

__all__ = ["Client", "MlflowClient"]


class Client(tracking.Client):
    """Reads and writes one store, by ids.

    Args:
        tracking_uri: the store; by default the one that this process records in.
        registry_uri: accepted for MLflow's sake; models are registered in the same store.
    """

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,  # noqa: ARG002
        description: str | None = None,
        await_creation_for: int | None = None,  # noqa: ARG002
        model_id: str | None = None,
        *,
        reason: str | None = None,
    ) -> ModelVersion:
        """Add the next version of a registered model, which is made when it is new.

        What is not said of run and model is what is known of the source. `run_link` and
        `await_creation_for` are accepted for MLflow's sake.

        Args:
            name: of the registered model; without ``/`` and ``:``.
            source: ``models:/m-<id>``, ``runs:/<run id>/<name>``, ``models:/name/version``,
                or a model directory; kept as it is given, a path as an absolute one.
            run_id: of the run that made it.
            tags: of the version.
            run_link: of no use here.
            description: of the version.
            await_creation_for: it is always done at once.
            model_id: of the logged model.
            reason: why, for the registry's history.

        Raises:
            NotFound: there is no model at `source`; nothing is registered then.
            InvalidValue: the name, a tag or the model's ``MLmodel`` file is not acceptable.
        """
        check_model_name(name)
        path, logged = locate(source, self._store)
        run_id = run_id or (logged.source_run_id if logged else None)
        is_uri = source.startswith(("models:/", "runs:/"))
        return self._store.registry.create_version(
            name,
            source if is_uri else str(path),
            run_id,
            model_id or (logged.model_id if logged else None),
            description or "",
            tags={key: str(value) for key, value in (tags or {}).items()},
            facts=facts.read(path, self._store, run_id),
            by=By(reason),
        )


MlflowClient = Client
"""MLflow's name of it, for code that says ``import nbtrail as mlflow``."""
