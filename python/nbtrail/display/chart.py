"""Plotly's figure as it is shown, and kept, in a notebook."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go

from nbtrail.display.drawing import INK, picture_of

MODEBAR = {"bgcolor": "rgba(0, 0, 0, 0)", "color": INK, "activecolor": "#0072B2"}
"""Plotly's buttons, on any ground."""


class Chart(go.Figure):  # type: ignore[misc]
    """A figure of plotly's whose output is small, needs no kernel, and has a picture of itself.

    Where plotly's own renderer is (JupyterLab, Notebook, VS Code) it is interactive; elsewhere,
    as in a saved notebook on GitHub, the picture is shown.
    """

    _ipython_display_ = None  # plotly's would put its whole script into the notebook

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {
            "application/vnd.plotly.v1+json": json.loads(self.to_json()),
            "text/html": self._repr_html_(),
            "text/plain": repr(self),
        }

    def _repr_html_(self) -> str:
        return picture_of(self)

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(trace.name for trace in self.data if trace.name))
        return f"<Chart of {names or 'nothing'}>"
