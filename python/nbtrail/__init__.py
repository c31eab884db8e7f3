"""Experiment tracking and the model lifecycle for people who work in notebooks.

Every public name is imported on first use, so that ``import nbtrail`` is quick and light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_WHERE = {
    "nbtrail.tracking": "ActiveRun active_run last_active_run start_run",
    "nbtrail.tracking.fluent": (
        "end_run get_artifact_uri get_run get_tracking_uri log_artifact log_artifacts log_dict "
        "log_figure log_metric log_metrics log_param log_params log_text search_runs "
        "set_experiment set_tag set_tags set_tracking_uri"
    ),
    "nbtrail.models": "infer_signature load_model load_native log_model save_model",
    "nbtrail.registry": "register_model",
    "nbtrail.serving": "deploy",
    "nbtrail.display": "runs",
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names.split()}
_ROOMS = ["autolog", "entities", "errors", "models", "projects", "registry", "serving"]

__all__ = [*sorted(_MODULE_OF), *_ROOMS, "load_ipython_extension", "unload_ipython_extension"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("nbtrail")
    if name in _ROOMS:
        return importlib.import_module(f"nbtrail.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'nbtrail' has no attribute '{name}'")
    value = globals()[name] = getattr(importlib.import_module(_MODULE_OF[name]), name)
    return value


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
