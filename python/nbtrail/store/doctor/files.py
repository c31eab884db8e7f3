"""The files of the store: may this user write them, and may everybody?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from nbtrail.store.doctor.problem import Problem


def permissions(paths: Sequence[Path]) -> Iterator[Problem]:
    """Find files and folders that this user cannot write, or that everybody can."""
    for path in paths:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        if not os.access(path, os.W_OK):
            yield Problem("files", f"{path} is not yours to write", "Ask its owner for permission.")
        if mode & stat.S_IWOTH:
            yield Problem(
                "files",
                f"everybody on this machine can write {path}",
                "takes that permission away",
                partial(path.chmod, stat.S_IMODE(mode) & ~stat.S_IWOTH),
            )
