"""Artifacts: bytes by URI."""

import sys as _sys
from typing import Any as _Any

from nbtrail.artifacts.comparison import Difference
from nbtrail.artifacts.objects import Damage, Missed, Objects, Swept
from nbtrail.artifacts.paths import clean, clean_folder
from nbtrail.artifacts.repository import ArtifactRepository

__all__ = [
    "ArtifactRepository",
    "Damage",
    "Difference",
    "Missed",
    "Objects",
    "Swept",
    "clean",
    "clean_folder",
]


def __getattr__(name: str) -> _Any:
    # MLflow's `artifacts.download_artifacts` and the like know runs, and so a room above this one
    # has them; the package, which is there before any room, finds them.
    return _sys.modules[__name__.partition(".")[0]]._function_of_artifacts(name)


def __dir__() -> list[str]:
    return [*__all__, *_sys.modules[__name__.partition(".")[0]]._OF_ARTIFACTS]
