"""Experiment tracking and the model lifecycle for people who work in notebooks.

Every public name is imported on first use, so that ``import nbtrail`` is quick and light.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# `__init__.pyi` says the same to editors and type checkers; a test compares them.
_WHERE = {
    "nbtrail.tracking": "ActiveRun active_run last_active_run start_run",
    "nbtrail.errors": "MlflowException",
    "nbtrail.tracking.where": (
        "get_registry_uri get_tracking_uri is_tracking_uri_set set_registry_uri set_tracking_uri"
    ),
    "nbtrail.tracking.fluent.experiments": (
        "create_experiment delete_experiment delete_experiment_tag get_experiment "
        "get_experiment_by_name rename_experiment restore_experiment search_experiments "
        "set_experiment set_experiment_tag set_experiment_tags"
    ),
    "nbtrail.tracking.fluent.runs": (
        "delete_run end_run get_parent_run get_run register_run restore_run search_runs"
    ),
    "nbtrail.tracking.fluent.logging": (
        "delete_tag flush_async_logging log_batch log_input log_inputs log_metric log_metrics "
        "log_param log_params set_tag set_tags"
    ),
    "nbtrail.tracking.fluent.artifacts": (
        "get_artifact_uri load_table log_artifact log_artifacts log_dict log_figure "
        "log_histogram log_image log_stream log_table log_text"
    ),
    "nbtrail.tracking.media": "Image",
    "nbtrail.tracking.fluent.history": "history",
    "nbtrail.tracking.fluent.models": (
        "get_logged_model last_logged_model search_model_versions search_registered_models "
        "set_model_version_tag"
    ),
    "nbtrail.tracking.fluent.trails": "verdict",
    "nbtrail.tracking.context.reading": "get_run_context",
    "nbtrail.tracking.system_metrics": (
        "disable_system_metrics_logging enable_system_metrics_logging "
        "set_system_metrics_node_id set_system_metrics_samples_before_logging "
        "set_system_metrics_sampling_interval"
    ),
    "nbtrail.models": "infer_signature load_model load_native log_model save_model",
    "nbtrail.registry": "register_model",
    "nbtrail.registry.client": "Client MlflowClient",
    "nbtrail.projects.mlflows": "run",
    "nbtrail.projects.reproduction.reproduce": "reproduce",
    "nbtrail.serving": "deploy",
    "nbtrail.display": "runs",
    "nbtrail.display.plots": "plot",
    "nbtrail.display.parallel": "parallel",
    "nbtrail.display.comparison": "compare",
    "nbtrail.display.trails": "show_trail",
    "nbtrail.display.diff": "diff why",
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names.split()}
_ROOMS = (
    "artifacts autolog data entities errors models projects registry serving tracking trail"
).split()
_WITH_AUTOLOG = "sklearn xgboost lightgbm pytorch keras".split()
_FLAVORS = "catboost onnx pyfunc statsmodels transformers".split()
_ENTITIES = (
    "dataset dataset_input experiment experiment_tag file_info input_tag lifecycle_stage metric "
    "param run run_data run_info run_inputs run_outputs run_status run_tag source_type view_type"
).split()
# MLflow's modules that are elsewhere here; they can be imported by either name.
_MLFLOWS_MODULES = {
    "client": "nbtrail.registry.client",
    "exceptions": "nbtrail.errors",
    "tensorflow": "nbtrail.autolog.keras",
    "store.entities": "nbtrail.entities",
    **{name: f"nbtrail.autolog.{name}" for name in _WITH_AUTOLOG},
    **{name: f"nbtrail.models.{name}" for name in _FLAVORS},
    "models.signature": "nbtrail.models",
    "types": "nbtrail.models.types",
    "types.schema": "nbtrail.models.types",
    **{f"entities.{name}": "nbtrail.entities" for name in _ENTITIES},
}
_OF_ARTIFACTS = "download_artifacts list_artifacts load_dict load_image load_text".split()

__all__ = [*sorted(_MODULE_OF), *_ROOMS, "load_ipython_extension", "unload_ipython_extension"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("nbtrail.version").VERSION
    if name in _ROOMS or name == "version":
        return importlib.import_module(f"nbtrail.{name}")
    if name in _MLFLOWS_MODULES:
        return importlib.import_module(_MLFLOWS_MODULES[name])
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'nbtrail' has no attribute '{name}'")
    value = globals()[name] = getattr(importlib.import_module(_MODULE_OF[name]), name)
    return value


class _Finder:
    """Imports modules by MLflow's names: `nbtrail.exceptions` is `nbtrail.errors`."""

    def __init__(self, real: str = "") -> None:
        self._real = real

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004
        real = _MLFLOWS_MODULES.get(name.removeprefix("nbtrail."))
        return ModuleSpec(name, _Finder(real)) if real and name.startswith("nbtrail.") else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002
        module = importlib.import_module(self._real)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import has given it the alias's


sys.meta_path.append(_Finder)


def _function_of_artifacts(name: str) -> Any:
    """Return what MLflow has in `artifacts`, and that room, which knows no runs, has not."""
    if name not in _OF_ARTIFACTS:
        raise AttributeError(f"module 'nbtrail.artifacts' has no attribute '{name}'")
    return getattr(importlib.import_module("nbtrail.tracking.downloads"), name)


def _trail_of(run_id: str) -> Any:
    """Return a run's cell executions: what `nbtrail.trail`, a room that knows no store, calls."""
    from nbtrail.tracking.fluent.trails import executions

    return executions(run_id)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Turn the recorder on and add the magics: what ``%load_ext nbtrail`` calls."""
    from nbtrail.magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take all that away again: what ``%unload_ext nbtrail`` calls."""
    from nbtrail.magics import unload

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from nbtrail.server.jupyter import NbtrailExtension

    return [{"module": "nbtrail.server.jupyter", "app": NbtrailExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "nbtrail"}]
