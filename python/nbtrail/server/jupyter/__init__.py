"""The Jupyter Server extension: the API, the scoring proxy and the live event."""

from __future__ import annotations

from typing import Any

from nbtrail.server.jupyter.extension import NbtrailExtension

__all__ = ["NbtrailExtension"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": __name__, "app": NbtrailExtension}]
