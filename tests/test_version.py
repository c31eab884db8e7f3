"""One version for the Python package and the JupyterLab extension."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import nbtrail

ROOT = Path(__file__).parent.parent


def test_python_and_front_end_have_the_same_version() -> None:
    front_end = json.loads((ROOT / "package.json").read_text())["version"]
    assert nbtrail.__version__ == importlib.metadata.version("nbtrail") == front_end


def test_the_change_log_has_an_entry_for_it() -> None:
    assert f"## [{nbtrail.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
