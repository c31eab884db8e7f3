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


def test_the_command_line_does_not_wait_for_a_grammar_that_nothing_needs() -> None:
    """Without the rfc3987 of the test environment, as users have it."""
    code = (
        "import sys; sys.modules['rfc3987'] = None; import nbtrail.cli, nbformat; "
        "print(*[name for name in sys.modules if name.startswith('lark')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
