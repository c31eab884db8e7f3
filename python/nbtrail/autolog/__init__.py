"""Autolog: models that are fitted leave their params, their files and their signature.

``nbtrail.autolog()``, as in MLflow, is this module being called: see `switch`.
Nothing is imported for it: a framework is patched when the user's code imports it.
"""

from __future__ import annotations

import sys
from types import ModuleType

from nbtrail.autolog import fits
from nbtrail.autolog.fits import listen, pending, record
from nbtrail.autolog.imports import when_imported

__all__ = ["listen", "pending", "record", "switch"]


def switch(disable: bool = False) -> None:
    """Record every model that is fitted from now on (scikit-learn), or stop doing so.

    In a script each fit is recorded at once, in the current run or a new one; in a notebook
    the recorder turns this on, and records when the cell ends.
    """
    fits.switch(not disable)
    if not disable:
        when_imported("sklearn.base", _patch)
    elif "sklearn.base" in sys.modules:
        from nbtrail.autolog import sklearn

        sklearn.unpatch(sys.modules["sklearn.base"])


def _patch(base: ModuleType) -> None:
    from nbtrail.autolog import sklearn

    if fits.wanted():
        sklearn.patch(base)


class _Callable(ModuleType):
    """A module that is a function as well."""

    def __call__(self, disable: bool = False) -> None:
        switch(disable)


sys.modules[__name__].__class__ = _Callable
