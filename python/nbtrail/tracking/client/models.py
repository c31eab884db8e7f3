"""A client's logged and registered models: MLflow's methods, and why a change is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbtrail.entities import LoggedModel, ModelChange, ModelVersion, PagedList, RegisteredModel
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store.chain import By
from nbtrail.store.model_notes import checked_stage, unknown_alias
from nbtrail.tracking.client.base import StoreMethods


class ModelMethods(StoreMethods):
    """Models and their versions.

    All raise NotFound for what is not there. `reason` is for the registry's history.
    """

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return a logged model."""
        return self._store.registry.logged_model(model_id)

    def create_registered_model(
        self,
        name: str,
        tags: Mapping[str, Any] | None = None,
        description: str | None = None,
        *,
        reason: str | None = None,
    ) -> RegisteredModel:
        """Make a registered model, without versions.

        Raises:
            AlreadyExists: there is one of that name.
        """
        edits = self._store.registry.edits
        return edits.create(name, _texts(tags), description or "", by=By(reason))

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a registered model; the error for an unknown one has the closest name."""
        return self._store.registry.model(name)

    def rename_registered_model(
        self, name: str, new_name: str, *, reason: str | None = None
    ) -> RegisteredModel:
        """Give a model another name.

        Raises:
            AlreadyExists: there is a model of the new name.
        """
        return self._store.registry.edits.rename(name, new_name, by=By(reason))

    def update_registered_model(
        self, name: str, description: str | None = None, *, reason: str | None = None
    ) -> RegisteredModel:
        """Describe a model."""
        self._store.model_notes.update(name, description, by=By(reason))
        return self.get_registered_model(name)

    def delete_registered_model(self, name: str, *, reason: str | None = None) -> None:
        """Take a model with all of its versions out of the registry; the files stay."""
        self._store.registry.edits.delete(name, by=By(reason))

    def restore_registered_model(self, name: str, *, reason: str | None = None) -> RegisteredModel:
        """Undo `delete_registered_model`: bring a model back with its versions, tags and aliases.

        Raises:
            AlreadyExists: there is a model of that name.
            NotFound: none of that name was deleted.
        """
        return self._store.registry.edits.restore(name, by=By(reason))

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Return a page of the registered models that a filter finds."""
        search = self._store.registry.search
        return PagedList(*search.models(filter_string, max_results, order_by, page_token))

    def set_registered_model_tag(
        self, name: str, key: str, value: Any, *, reason: str | None = None
    ) -> None:
        """Set a tag of a model."""
        self._store.model_notes.update(name, tags={key: str(value)}, by=By(reason))

    def delete_registered_model_tag(
        self, name: str, key: str, *, reason: str | None = None
    ) -> None:
        """Delete a tag of a model."""
        self._store.model_notes.update(name, tags={key: None}, by=By(reason))

    def copy_model_version(
        self, src_model_uri: str, dst_name: str, *, reason: str | None = None
    ) -> ModelVersion:
        """Make a version, ``models:/name/version`` or ``@alias``, the next one of another model."""
        version = self._by_uri(src_model_uri)
        return self._store.registry.edits.copy(
            version.name, version.version, dst_name, by=By(reason)
        )

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """Return one version of a registered model."""
        return self._store.registry.version(name, str(version))

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias names; ``latest`` is the last one."""
        model = self.get_registered_model(name)
        known = dict(model.aliases)
        if alias.lower() == "latest" and model.latest_version is not None:
            known[alias] = model.latest_version
        if alias not in known:  # the code is MLflow's
            trouble = unknown_alias(name, alias, model.aliases)
            raise NotFound(trouble, "INVALID_PARAMETER_VALUE")
        return self.get_model_version(name, known[alias])

    def get_latest_versions(
        self, name: str, stages: Sequence[str] | None = None
    ) -> list[ModelVersion]:
        """Return the latest version of each of some stages, by default of all."""
        wanted = {checked_stage(stage) for stage in stages or ()}
        found = self._store.registry.latest_versions(name)
        return [one for one in found if not wanted or one.current_stage in wanted]

    def get_model_version_stages(self, name: str, version: str) -> list[str]:
        """Return the stages that there are."""
        self.get_model_version(name, version)
        return ["None", "Staging", "Production", "Archived"]

    def update_model_version(
        self,
        name: str,
        version: str,
        description: str | None = None,
        *,
        reason: str | None = None,
    ) -> ModelVersion:
        """Describe a version."""
        self._store.model_notes.update_version(name, str(version), description, by=By(reason))
        return self.get_model_version(name, version)

    def transition_model_version_stage(
        self,
        name: str,
        version: str,
        stage: str,
        archive_existing_versions: bool = False,
        *,
        reason: str | None = None,
    ) -> ModelVersion:
        """Move a version to a stage, and on request archive what else is in it.

        Raises:
            InvalidValue: there is no such stage, or it is none whose versions are archived.
        """
        self._store.model_notes.update_version(
            name,
            str(version),
            stage=stage,
            archive_existing=archive_existing_versions,
            by=By(reason),
        )
        return self.get_model_version(name, version)

    def delete_model_version(self, name: str, version: str, *, reason: str | None = None) -> None:
        """Take a version out of the registry; its number does not come back."""
        self._store.registry.edits.delete_version(name, str(version), by=By(reason))

    def restore_model_version(
        self, name: str, version: str, *, reason: str | None = None
    ) -> ModelVersion:
        """Undo `delete_model_version`: bring a version back under its number.

        Raises:
            AlreadyExists: it is there.
            NotFound: no such version was deleted.
        """
        return self._store.registry.edits.restore_version(name, str(version), by=By(reason))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Return a page of the versions that a filter finds, also by what their runs measured."""
        search = self._drained.registry.search
        return PagedList(*search.versions(filter_string, max_results, order_by, page_token))

    def set_model_version_tag(
        self,
        name: str,
        version: str | None = None,
        key: str | None = None,
        value: Any = None,
        stage: str | None = None,
        *,
        reason: str | None = None,
    ) -> None:
        """Set a tag of a version, or of the latest one in a stage."""
        number = self._version_or_stage(name, version, stage)
        tags = {_given(key, "key"): str(value)}
        self._store.model_notes.update_version(name, number, tags=tags, by=By(reason))

    def delete_model_version_tag(
        self,
        name: str,
        version: str | None = None,
        key: str | None = None,
        stage: str | None = None,
        *,
        reason: str | None = None,
    ) -> None:
        """Delete a tag of a version, or of the latest one in a stage."""
        number = self._version_or_stage(name, version, stage)
        tags = {_given(key, "key"): None}
        self._store.model_notes.update_version(name, number, tags=tags, by=By(reason))

    def set_registered_model_alias(
        self, name: str, alias: str, version: str, *, reason: str | None = None
    ) -> None:
        """Have an alias name a version, whatever it named before."""
        self._store.model_notes.set_alias(name, alias, str(version), by=By(reason))

    def delete_registered_model_alias(
        self, name: str, alias: str, *, reason: str | None = None
    ) -> None:
        """Take an alias away; one that is not there is no error, as in MLflow."""
        if alias in self.get_registered_model(name).aliases:
            self._store.model_notes.delete_alias(name, alias, by=By(reason))

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Return where the model of a version is."""
        return self.get_model_version(name, version).source

    def get_model_history(
        self, name: str, version: str | None = None, max_results: int = 1000
    ) -> list[ModelChange]:
        """Return who changed what of a model that there is or was, the latest first."""
        number = None if version is None else str(version)
        return self._store.registry.edits.history(name, number, max_results)

    def _version_or_stage(self, name: str, version: str | None, stage: str | None) -> str:
        if (version is None) == (stage is None):
            raise InvalidValue("Give either the version or a stage.")
        if version is not None:
            return str(version)
        found = self.get_latest_versions(name, [stage or ""])
        if not found:
            raise NotFound(f"The model '{name:.80}' has no version in the stage '{stage:.40}'.")
        return found[0].version

    def _by_uri(self, uri: str) -> ModelVersion:
        """Return the version that a URI names.

        Raises:
            InvalidValue: it is none of the forms that there are.
        """
        scheme, _, rest = uri.partition(":/")
        name, slash, version = rest.partition("/")
        if scheme == "models" and slash and version:
            return self.get_model_version(name, version)
        name, at, alias = rest.rpartition("@")
        if scheme == "models" and at:
            return self.get_model_version_by_alias(name, alias)
        raise InvalidValue(
            f"'{uri:.80}' is no version: give models:/<name>/<version> or models:/<name>@<alias>."
        )


def _texts(tags: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: str(value) for key, value in (tags or {}).items()}


def _given(value: str | None, what: str) -> str:
    """Return what must be given.

    Raises:
        InvalidValue: it is not.
    """
    if value is None:
        raise InvalidValue(f"Give the {what} of the tag.")
    return value
