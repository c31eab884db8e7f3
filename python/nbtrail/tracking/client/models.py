"""A client's logged and registered models: what the store's registry can do today."""

from __future__ import annotations

from nbtrail.entities import LoggedModel, ModelVersion, RegisteredModel
from nbtrail.errors import NotFound, did_you_mean
from nbtrail.tracking.client.base import StoreMethods


class ModelMethods(StoreMethods):
    """Models and their versions."""

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return a logged model.

        Raises:
            NotFound: there is none with that id.
        """
        return self._store.registry.logged_model(model_id)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a registered model.

        Raises:
            NotFound: there is none of that name; the message has the closest.
        """
        models = {model.name: model for model in self._store.registry.models()}
        if name not in models:
            close = did_you_mean(name, models)
            raise NotFound(f"There is no registered model '{name}' in this store.{close}")
        return models[name]

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        *,
        description: str | None = None,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Add the next version of a registered model, which is made when it is new."""
        registry = self._store.registry
        return registry.create_version(name, source, run_id, model_id, description or "")

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """Return one version of a registered model.

        Raises:
            NotFound: there is no such model, or no such version of it.
        """
        return self._store.registry.version(name, version)

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Return where the model of a version is.

        Raises:
            NotFound: there is no such model, or no such version of it.
        """
        return self.get_model_version(name, version).source
