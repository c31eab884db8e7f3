"""Artifacts: bytes by URI."""

import sys
from typing import Any

from nbtrail.artifacts.comparison import Difference
from nbtrail.artifacts.objects import Damage, Objects, Swept
from nbtrail.artifacts.paths import clean
from nbtrail.artifacts.repository import ArtifactRepository

__all__ = ["ArtifactRepository", "Damage", "Difference", "Objects", "Swept", "clean"]


def __getattr__(name: str) -> Any:
    # MLflow's `artifacts.download_artifacts` and the like know runs, and so a room above this one
    # has them; the package, which is there before any room, finds them.
    return sys.modules[__name__.partition(".")[0]]._function_of_artifacts(name)
