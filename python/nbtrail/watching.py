"""Whether anybody sees a progress bar."""

from __future__ import annotations

import sys


def is_watched() -> bool:
    """Say whether standard error is a terminal, or the output of a notebook's cell."""
    return sys.stderr.isatty() or _in_notebook()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")
