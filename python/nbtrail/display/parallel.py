"""`nbtrail.parallel`: runs as lines through their params, to the metric that came of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape, unescape
from typing import NamedTuple

import plotly.graph_objects as go

from nbtrail.display.chart import MODEBAR, Chart
from nbtrail.display.chosen import AnyRun, existing_store, runs_of
from nbtrail.display.drawing import INK, image, line, nice_ticks, text
from nbtrail.display.plots import check_metric
from nbtrail.display.table import common_keys, number_text
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store import Store

MOST_PARAMS = 8
_LOGARITHMIC = 100  # so many times the least value is the greatest one
_LOW, _HIGH = (86, 180, 233), (213, 94, 0)  # of the palette: both show on any ground
_WIDTH, _HEIGHT, _TOP, _BOTTOM, _SIDE = 760, 300, 44, 20, 64


class Axis(NamedTuple):
    """A title, the place of each run, and the places that have a text."""

    title: str
    places: list[float]
    ticks: list[tuple[float, str]]


class ParallelChart(Chart):
    """Lines between axes that can be dragged, and brushed: what is outside a brush turns grey."""

    def _repr_html_(self) -> str:
        axes = [_axis_of(dimension) for dimension in self.data[0].dimensions]
        words = self.layout.title.text
        picture = image("".join(_shapes(axes)), _WIDTH, _HEIGHT, unescape(words))
        return f"<div>{words}</div><div>{picture}</div>"

    def __repr__(self) -> str:
        return f"<Chart of {unescape(self.layout.title.text)}>"


def parallel(
    experiment_or_runs: str | Iterable[AnyRun] | None = None,
    metric: str | None = None,
    params: Sequence[str] | None = None,
    filter_string: str = "",
    max_results: int = 500,
) -> Chart:
    """Draw runs as lines through their params, coloured by a metric.

    Args:
        experiment_or_runs: the name of an experiment, or runs; all runs if not given.
        metric: the last axis; the commonest metric if not given.
        params: the other axes; if not given, those in which the runs differ, the commonest first.
        filter_string: of an experiment's runs, only those.
        max_results: of an experiment's runs, at most so many, the newest first.

    Returns:
        A figure of plotly's. What lacks the metric or a param is not drawn, and that is said.

    Raises:
        NotFound: there is no such experiment or run.
        InvalidValue: the filter is not understood, no run has the metric or a param, or there
            is nothing to draw.
    """
    store = existing_store()
    if isinstance(experiment_or_runs, str) or experiment_or_runs is None:
        runs = _searched(store, experiment_or_runs, filter_string, max_results)
    else:
        runs = runs_of(store, experiment_or_runs)
    key = metric or next(iter(common_keys(run.data.metrics for run in runs)), "")
    check_metric(key, runs)
    names = list(params) if params is not None else _differing(runs)
    _check_params(names, runs)
    drawn = [run for run in runs if key in run.data.metrics and _has_all(run, names, key)]
    if not drawn:
        raise InvalidValue(f"No run has '{key}' and all of {', '.join(names)}: ask for fewer.")
    return _figure(drawn, names, key, len(runs) - len(drawn))


def _searched(store: Store, experiment: str | None, filter_string: str, most: int) -> list[Run]:
    ids = None if experiment is None else [store.experiments.named(experiment).experiment_id]
    found, _ = store.runs.search(ids, filter_string, max_results=most)
    return found


def _differing(runs: Sequence[Run]) -> list[str]:
    keys = common_keys(run.data.params for run in runs)
    several = [key for key in keys if len({run.data.params.get(key) for run in runs}) > 1]
    return (several or keys)[:MOST_PARAMS]


def _check_params(names: Sequence[str], runs: Sequence[Run]) -> None:
    known = {key for run in runs for key in run.data.params}
    for name in names:
        if name not in known:
            raise InvalidValue(f"No run has the param '{name:.80}'.{did_you_mean(name, known)}")


def _has_all(run: Run, names: Sequence[str], key: str) -> bool:
    return set(names) <= run.data.params.keys() and math.isfinite(run.data.metrics[key])


def _figure(runs: Sequence[Run], names: Sequence[str], key: str, left_out: int) -> Chart:
    axes = [_axis_of_param(name, [run.data.params[name] for run in runs]) for name in names]
    axes.append(_numeric(key, [run.data.metrics[key] for run in runs]))
    lines = go.Parcoords(
        dimensions=[_dimension(axis) for axis in axes],
        line={"color": axes[-1].places, "colorscale": [[0, _color(0)], [1, _color(1)]]},
        unselected={"line": {"color": INK, "opacity": 0.15}},
        labelfont={"color": INK},
        tickfont={"color": INK, "shadow": "none"},  # plotly's takes any ground to be white
        rangefont={"color": "rgba(0, 0, 0, 0)"},  # the ticks say it
    )
    told = f"{len(runs)} run{'s' * (len(runs) != 1)} to {key}"
    told += f" ({left_out} more lack it or a param)" if left_out else ""
    return ParallelChart(lines, layout=_LAYOUT | {"title": _TITLE | {"text": escape(told)}})


_TITLE = {"font": {"size": 13}, "x": 0.02, "xanchor": "left"}
_LAYOUT = {
    "template": None,
    "paper_bgcolor": "rgba(0, 0, 0, 0)",
    "font": {"color": INK},
    "modebar": MODEBAR,
    "height": 360,
    "margin": {"l": 72, "r": 72, "t": 84, "b": 24},
}


def _axis_of_param(name: str, texts: Sequence[str]) -> Axis:
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        numbers = [math.nan]
    if all(map(math.isfinite, numbers)):
        return _numeric(name, numbers)
    choices = sorted(set(texts))
    places = {choice: float(place) for place, choice in enumerate(choices)}
    ticks = [(place, choice[:20]) for choice, place in places.items()]
    return Axis(name, [places[text] for text in texts], ticks)


def _numeric(name: str, numbers: Sequence[float]) -> Axis:
    """Return an axis of numbers, a logarithmic one if they are spread over magnitudes."""
    low, high = min(numbers), max(numbers)
    if low == high:
        return Axis(name, list(numbers), [(low, number_text(low))])
    if low > 0 and high / low >= _LOGARITHMIC:
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        ticks = [(float(power), f"{10.0**power:g}") for power in powers]
        return Axis(name, [math.log10(number) for number in numbers], ticks)
    return Axis(name, list(numbers), [(t, number_text(t)) for t in nice_ticks(low, high)])


def _dimension(axis: Axis) -> dict[str, object]:
    return {
        "label": escape(axis.title),
        "values": axis.places,
        "tickvals": [place for place, _ in axis.ticks],
        "ticktext": [escape(words) for _, words in axis.ticks],
    }


def _color(part: float) -> str:
    mixed = (round(low + (high - low) * part) for low, high in zip(_LOW, _HIGH, strict=True))
    return f"rgb({', '.join(map(str, mixed))})"


def _axis_of(dimension: go.parcoords.Dimension) -> Axis:
    texts = map(unescape, dimension.ticktext)
    ticks = list(zip(dimension.tickvals, texts, strict=True))
    return Axis(unescape(dimension.label), list(dimension["values"]), ticks)


def _shapes(axes: Sequence[Axis]) -> Iterator[str]:
    """Yield the lines of the runs, then the axes, of the picture."""
    apart = (_WIDTH - 2 * _SIDE) / max(1, len(axes) - 1)
    lefts = [_SIDE + apart * number for number in range(len(axes))]
    for run, result in enumerate(axes[-1].places):
        tops = [_top(axis, axis.places[run]) for axis in axes]
        color = _color(_part(axes[-1], result))
        yield line(list(zip(lefts, tops, strict=True)), color, 'stroke-opacity="0.7"')
    for left, axis in zip(lefts, axes, strict=True):
        yield line([(left, _TOP), (left, _HEIGHT - _BOTTOM)], INK)
        yield text(left, _TOP - 16, axis.title)
        for place, words in axis.ticks:
            yield text(left - 5, _top(axis, place) + 4, words, "end")


def _part(axis: Axis, place: float) -> float:
    """Return how far up an axis a place is, from 0 to 1."""
    low, high = min(axis.places), max(axis.places)
    return (place - low) / (high - low) if high > low else 0.5


def _top(axis: Axis, place: float) -> float:
    return _HEIGHT - _BOTTOM - _part(axis, place) * (_HEIGHT - _BOTTOM - _TOP)
