"""The program that runs: whose it is, which notebook or script, in which kernel and folder."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any


def printable(path: str | os.PathLike[str]) -> str:
    """Return a path as text that can be stored, whatever bytes are in it."""
    return os.fsencode(path).decode(errors="backslashreplace")


@lru_cache(maxsize=1)
def user() -> str:
    """Return the user's login name."""
    try:
        return printable(getpass.getuser())
    except (KeyError, OSError):
        return ""


def notebook_path() -> str | None:
    """Return the notebook that this kernel belongs to, as Jupyter or papermill named it."""
    path = printable(os.environ.get("JPY_SESSION_NAME", ""))
    return path if path.endswith(".ipynb") else None


def notebook_name() -> str | None:
    """Return the notebook's name without its ending: the experiment that it stands for."""
    path = notebook_path()
    return Path(path).stem if path else None


@lru_cache(maxsize=8)
def _file_name(path: str) -> str:
    return printable(Path(path).name)


def source_tags(run_name: str) -> dict[str, str]:
    """Return the tags that MLflow's clients expect on every run."""
    notebook = notebook_path()
    source = notebook or (sys.argv[0] if sys.argv and sys.argv[0] else "<console>")
    return {
        "mlflow.runName": run_name,
        "mlflow.user": user(),
        "mlflow.source.name": _file_name(source),
        "mlflow.source.type": "NOTEBOOK" if notebook else "LOCAL",
    }


def script() -> Path | None:
    """Return the user's script that was started; None in a notebook, a console or a tool."""
    given = getattr(sys.modules.get("__main__"), "__file__", None)
    if not isinstance(given, str) or notebook_path():
        return None
    path = Path(given).absolute()
    # Links lead to tools (~/.local/bin), and to environments.
    tools = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]
    return None if any(path.resolve().is_relative_to(tool) for tool in tools) else path


def folder() -> Path:
    """Return the folder that the user's code is in."""
    own = script()
    return own.parent if own else Path.cwd()


class Program:
    """The notebook and its kernel, or the script, and the folder that it runs in."""

    name = "program"
    lifetime = 5.0  # seconds: the user may change the directory

    def tags(self) -> Mapping[str, str]:
        """Return none: `source_tags` are there from the start."""
        return {}

    def document(self) -> Mapping[str, Any]:
        """Return the paths of what runs, as far as they are known, and the kernel."""
        own, notebook = script(), notebook_path()
        return {
            "notebook": notebook,
            "script": printable(own) if own else None,
            "directory": printable(Path.cwd()),
            "kernel": _kernel(),
        }


def _kernel() -> dict[str, str] | None:
    """Return the id of the Jupyter kernel that this process is, and what implements it."""
    application = sys.modules.get("ipykernel.kernelapp")
    if application is None or not application.IPKernelApp.initialized():
        return None
    connection = Path(application.IPKernelApp.instance().connection_file)
    return {
        "id": connection.stem.removeprefix("kernel-"),
        "implementation": f"ipykernel {sys.modules['ipykernel'].__version__}",
    }
