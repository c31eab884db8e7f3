"""What child processes inherit: the run that is open, the store and the experiment.

It travels in an environment variable of our own: those that users set are left alone. Pools that
were there before (forkserver, loky) have an older environment, and so it travels with each
`multiprocessing.Process`, too.
"""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache
from typing import Any

from nbtrail.config import TRACKING_URI

VARIABLE = "NBTRAIL_INHERITED"

_bequest: dict[str, Any] = {}


def bequeath(**what: str | None) -> None:
    """Have children that start from now on inherit `run` (in `run_uri`), `uri`, `experiment`."""
    inherited()
    _bequest.update(what)
    # So that a child knows whether somebody chose another store for it.
    _bequest["environment"] = os.environ.get(TRACKING_URI)
    _publish(json.dumps(_bequest))


def withdraw() -> None:
    """Have children inherit nothing of what this process bequeathed."""
    if _bequest:
        _bequest.clear()
        _publish(None)


@lru_cache(maxsize=1)
def inherited() -> dict[str, str]:
    """Return what this process inherited, by name; looked at once, before it bequeaths itself.

    Whoever chose another store for this process, by its environment, chose to inherit nothing.
    """
    text = _of_multiprocessing().get(VARIABLE) or os.environ.get(VARIABLE) or "{}"
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict) or found.get("environment") != os.environ.get(TRACKING_URI):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _publish(text: str | None) -> None:
    for place in (os.environ, _of_multiprocessing()):
        if text is None:
            place.pop(VARIABLE, None)
        else:
            place[VARIABLE] = text


def _of_multiprocessing() -> Any:
    """Return the settings that `multiprocessing` copies into each child, however it starts."""
    module = sys.modules.get("multiprocessing.process")
    return getattr(module.current_process(), "_config", {}) if module else {}
