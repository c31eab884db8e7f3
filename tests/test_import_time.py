"""`import nbtrail` is light: what is heavy loads when it is first used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("IPython", "ipywidgets", "jupyterlab", "matplotlib", "numpy", "pandas", "papermill")
HEAVY += ("plotly", "polars", "psutil", "pyarrow", "pynvml", "sklearn", "starlette", "tornado")


def test_import_pulls_nothing_heavy() -> None:
    code = f"import sys, nbtrail\nprint(*set({HEAVY!r}) & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
