"""A figure as a picture that needs no script: what a saved notebook shows anywhere."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import escape, unescape
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK = "#808080"  # readable on a light and on a dark ground
_WIDTH, _HEIGHT = 460, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 14, 14, 42
_GLYPHS = dict(
    zip(
        ("circle", "square", "diamond", "cross", "x", "triangle-up", "star"), "●■◆✚✖▲★", strict=True
    )
)
_DASHES = {"dash": "8 4", "dot": "2 3", "dashdot": "8 3 2 3"}

Place = Callable[[Any], float | None]
"""From a value to where it is, in pixels; None where it is nowhere."""


class Axis(NamedTuple):
    """One axis as it is drawn: where values are, and its ticks with their texts."""

    place: Place
    ticks: Sequence[tuple[float, str]]
    title: str


def picture_of(figure: go.Figure) -> str:
    """Return the curves and points of a figure, and its legend, as HTML without a script."""
    panels = dict.fromkeys((trace.xaxis or "x")[1:] for trace in figure.data)
    pictures = "".join(_panel(figure, suffix) for suffix in panels)
    return f"<div>{pictures}</div><div>{_legend(figure)}</div>"


def image(shapes: str, width: int, height: int, words: str) -> str:
    """Return an SVG as an image, which no page and no cleaning of it can change."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="11" fill="{INK}">{shapes}</svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img width="{width}" height="{height}" alt="{escape(words)}" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    """Return a text of an SVG."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def line(points: Sequence[tuple[float, float]], color: str, more: str = "") -> str:
    """Return a line of an SVG through some points."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{escape(color)}" {more}/>'


def sign(color: str, symbol: str) -> str:
    """Return the sign of a run, for beside its name."""
    return f'<span style="color: {escape(color)}">{_GLYPHS.get(symbol, "●")}</span>'


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers within a range."""
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _panel(figure: go.Figure, suffix: str) -> str:
    traces = [one for one in figure.data if (one.xaxis or "x")[1:] == suffix]
    layout_x, layout_y = figure.layout[f"xaxis{suffix}"], figure.layout[f"yaxis{suffix}"]
    x = _axis([v for one in traces for v in one.x], layout_x, _LEFT, _WIDTH - _RIGHT)
    y = _axis([v for one in traces for v in one.y], layout_y, _HEIGHT - _BOTTOM, _TOP)
    shapes = [*_frame(x, y), *(shape for one in traces for shape in _trace(one, x, y))]
    return image("".join(shapes), _WIDTH, _HEIGHT, f"{y.title} by {x.title}")


def _axis(values: Sequence[Any], layout: Any, start: float, end: float) -> Axis:
    title = unescape(layout.title.text or "")
    if layout.type == "category":
        names = list(dict.fromkeys(values))
        places = {n: start + (end - start) * (i + 0.5) / len(names) for i, n in enumerate(names)}
        return Axis(places.get, [(place, str(name)) for name, place in places.items()], title)
    number = _moment if layout.type == "date" else _number
    low, high = _range([found for value in values if (found := number(value)) is not None])

    def at(found: float) -> float:
        return start + (end - start) * (found - low) / (high - low)

    def place(value: Any) -> float | None:
        found = number(value)
        return None if found is None else at(found)

    spell = _clock if layout.type == "date" else "{:g}".format
    return Axis(place, [(at(tick), spell(tick)) for tick in nice_ticks(low, high)], title)


def _range(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _moment(value: Any) -> float:
    return datetime.fromisoformat(str(value)).timestamp()


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def _frame(x: Axis, y: Axis) -> Iterator[str]:
    """Yield the grid, the numbers beside it and the titles."""
    right, bottom, thin = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM, 'stroke-opacity="0.3"'
    for place, words in x.ticks:
        yield line([(place, _TOP), (place, bottom)], INK, thin)
        yield text(place, bottom + 14, words[:24])
    for place, words in y.ticks:
        yield line([(_LEFT, place), (right, place)], INK, thin)
        yield text(_LEFT - 6, place + 4, words[:9], "end")
    yield text((_LEFT + right) / 2, _HEIGHT - 8, x.title)
    middle = (_TOP + bottom) / 2
    yield text(12, middle, y.title, more=f'transform="rotate(-90 12 {middle})"')


def _trace(trace: Any, x: Axis, y: Axis) -> Iterator[str]:
    """Yield the pieces of a curve between its gaps, and the run's sign at its end."""
    pieces = list(_pieces(trace, x, y))
    if trace.fill:
        yield from (_area(piece, trace.fillcolor, trace.opacity) for piece in pieces)
        return
    dash = _DASHES.get(trace.line.dash, "")
    look = f'stroke-width="2" stroke-opacity="{trace.opacity or 1}" stroke-dasharray="{dash}"'
    for piece in pieces:
        yield line(piece, trace.line.color or INK, look)
    if pieces and trace.name:
        left, top = pieces[-1][-1]
        glyph = _GLYPHS.get(trace.marker.symbol, "●")
        yield text(left, top + 4, glyph, more=f'fill="{escape(trace.marker.color or INK)}"')
        yield from (text(left, top - 8, words) for words in trace.text or ())


def _pieces(trace: Any, x: Axis, y: Axis) -> Iterator[list[tuple[float, float]]]:
    piece: list[tuple[float, float]] = []
    for value_x, value_y in zip(trace.x, trace.y, strict=True):
        left, top = x.place(value_x), y.place(value_y)
        if left is not None and top is not None:
            piece.append((left, top))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _area(points: Sequence[tuple[float, float]], color: str, opacity: float) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{places}" fill="{escape(color)}" fill-opacity="{opacity}"/>'


def _legend(figure: go.Figure) -> str:
    """Return the sign and the name of each run; names are HTML already, as plotly takes them."""
    known = {trace.name: trace.marker for trace in figure.data if trace.name}
    entries = (f"{sign(mark.color, mark.symbol)} {name}" for name, mark in known.items())
    return " &nbsp; ".join(entries)
