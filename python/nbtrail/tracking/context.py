"""What is known of the person and the program without asking."""

from __future__ import annotations

import getpass
import os
import sys
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def user() -> str:
    """Return the user's login name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def notebook_path() -> str | None:
    """Return the notebook that this kernel belongs to, as Jupyter or papermill named it."""
    path = os.environ.get("JPY_SESSION_NAME", "")
    return path if path.endswith(".ipynb") else None


def notebook_name() -> str | None:
    """Return the notebook's name without its ending: the experiment that it stands for."""
    path = notebook_path()
    return Path(path).stem if path else None


def source_tags(run_name: str) -> dict[str, str]:
    """Return the tags that MLflow's clients expect on every run."""
    notebook = notebook_path()
    source = notebook or (sys.argv[0] if sys.argv and sys.argv[0] else "<console>")
    return {
        "mlflow.runName": run_name,
        "mlflow.user": user(),
        "mlflow.source.name": Path(source).name,
        "mlflow.source.type": "NOTEBOOK" if notebook else "LOCAL",
    }
