"""How much is measured, and against whom."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Size:
    """A quick look (two minutes) or the full table.

    Args:
        full: more rounds, larger stores.
        peers: interpreter by peer.
    """

    full: bool
    peers: Mapping[str, Path]

    @property
    def contestants(self) -> dict[str, Path | str]:
        """Return interpreters: nbtrail's, which is this one, and those of the peers."""
        return {"nbtrail": sys.executable, **self.peers}

    def rounds(self, *, quick: int, full: int) -> int:
        return full if self.full else quick

    def peers_of(self, figures: Mapping[str, float]) -> dict[str, float | str]:
        """Return the peers' figures, and a word for those that have none."""
        return {name: figures.get(name, "failed") for name in self.peers}
