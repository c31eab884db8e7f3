"""Figures as plotly's JSON, which is written without plotly and drawn by the panel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_BARS = 50
MOST_CLASSES = 50


def importance(values: Mapping[str, float], kind: str = "") -> dict[str, bytes]:
    """Return a bar chart of the most important features, by its path."""
    if not values:
        return {}
    top = sorted(values.items(), key=lambda item: abs(item[1]))[-MOST_BARS:]
    bars: dict[str, Any] = {"type": "bar", "orientation": "h"}
    bars |= {"x": [value for _, value in top], "y": [name for name, _ in top]}
    title = f"Feature importance ({kind})" if kind else "Feature importance"
    name = f"feature_importance_{kind}" if kind else "feature_importance"
    return _figure(name, title, bars, {"title": {"text": "importance"}}, {"type": "category"})


def confusion(truth: Any, predicted: Any, name: str) -> dict[str, bytes]:
    """Return a confusion matrix, by its path; nothing where there are too many classes."""
    import numpy as np

    truth, predicted = np.asarray(truth).ravel(), np.asarray(predicted).ravel()
    if truth.shape != predicted.shape or not len(truth):
        return {}
    labels, codes = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    if len(labels) > MOST_CLASSES:
        return {}
    counts = _counts(codes[: len(truth)], codes[len(truth) :], len(labels))
    texts = [str(label) for label in labels.tolist()]
    cells: dict[str, Any] = {
        "type": "heatmap",
        "x": texts,
        "y": texts,
        "z": counts.tolist(),
        "colorscale": "Blues",
    }
    cells |= {"texttemplate": "%{z}", "showscale": False}
    below = {"title": {"text": "predicted"}, "type": "category"}
    beside = {"title": {"text": "true"}, "type": "category", "autorange": "reversed"}
    return _figure(name, name.replace("_", " ").capitalize(), cells, below, beside)


def _counts(rows: Array, columns: Array, size: int) -> Array:
    import numpy as np

    return np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)


def _figure(
    name: str, title: str, trace: Mapping[str, Any], xaxis: Any, yaxis: Any
) -> dict[str, bytes]:
    layout = {"title": {"text": title}, "xaxis": xaxis, "yaxis": yaxis}
    document = {"data": [trace], "layout": layout}
    return {f"figures/{name}.plotly.json": json.dumps(document).encode()}
