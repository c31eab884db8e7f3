"""`nbtrail.plot`: curves of the store's histories, and the picture that is kept of them."""

from __future__ import annotations

import base64
import math
import re
from pathlib import Path
from typing import Any

import pytest

import nbtrail
from nbtrail.display.figures import smoothed
from nbtrail.errors import InvalidValue, NotFound


def pictures(chart: Any) -> list[str]:
    """Return the SVGs in the HTML of a figure."""
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', chart._repr_html_())
    return [base64.b64decode(one).decode() for one in found]


def test_runs_can_be_named_in_many_ways(make_run: Any) -> None:
    run_id = make_run("one", loss=[2.0, 1.0])
    for given in (run_id, run_id[:8], [run_id, run_id], nbtrail.get_run(run_id)):
        (curve,) = nbtrail.plot(given, "loss").data
        assert (curve.name, curve.y) == ("one", (2.0, 1.0))


def test_several_metrics_are_panels_with_one_legend(make_run: Any) -> None:
    run_id = make_run("one", loss=[2.0, 1.0], acc=[0.5, 0.7], score=[1.0])
    chart = nbtrail.plot(run_id, ["loss", "acc", "score"])
    assert [trace.xaxis for trace in chart.data] == ["x", "x2", "x3"]
    assert [trace.showlegend for trace in chart.data] == [True, False, False]
    assert chart.layout.yaxis2.title.text == "acc"
    assert chart.layout.xaxis3.type == "category"
    assert len(pictures(chart)) == 3


def test_the_axis_is_step_time_relative_or_a_metric(make_run: Any) -> None:
    run_id = make_run("one", loss=[2.0, 1.0], acc=[0.5, 0.7])
    assert nbtrail.plot(run_id, "loss").data[0].x == (0, 1)
    assert nbtrail.plot(run_id, "loss", x="acc").data[0].x == (0.5, 0.7)
    timed = nbtrail.plot(run_id, "loss", x="time")
    assert timed.layout.xaxis.type == "date"
    assert timed.data[0].x[0].startswith(("1969", "1970"))
    assert "seconds" in nbtrail.plot(run_id, "loss", x="relative").layout.xaxis.title.text


def test_smoothing_keeps_the_measured_line_behind(make_run: Any) -> None:
    run_id = make_run("one", loss=[2.0, 1.0, 4.0])
    measured, smooth = nbtrail.plot(run_id, "loss", smoothing=0.5).data
    assert measured.y == (2.0, 1.0, 4.0)
    assert measured.opacity < 1
    assert smooth.y == tuple(smoothed([2.0, 1.0, 4.0], 0.5))


def test_averages_are_true_from_the_first_and_do_not_cross_gaps() -> None:
    assert smoothed([3.0, 3.0, 3.0], 0.9) == pytest.approx([3.0, 3.0, 3.0])
    assert smoothed([0.0, 1.0], 0.5) == pytest.approx([0.0, 2 / 3])
    found = smoothed([1.0, math.nan, 5.0], 0.9)
    assert (found[0], found[2]) == pytest.approx((1.0, 5.0))
    assert math.isnan(found[1])
    assert smoothed([1.0, 2.0], 0) == [1.0, 2.0]


def test_the_picture_has_the_curves_their_gaps_and_their_signs(make_run: Any) -> None:
    a = make_run("a", loss=[2.0, math.nan, 1.0, 0.5])
    b = make_run("b", loss=[1.0, 2.0, 3.0, 4.0])
    chart = nbtrail.plot([a, b], "loss")
    (picture,) = pictures(chart)
    curves = re.findall(r'<polyline points="([^"]+)"[^>]*stroke-width="2"', picture)
    assert [len(points.split()) for points in curves] == [1, 2, 4]
    assert "●" in picture
    assert "■" in picture
    assert "●</span> a" in chart._repr_html_()


def test_a_saved_notebook_keeps_it_small_and_without_a_script(make_run: Any) -> None:
    bundle = nbtrail.plot(make_run("one", loss=[2.0, 1.0]), "loss")._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.plotly.v1+json", "text/html", "text/plain"}
    assert "script" not in bundle["text/html"]
    assert len(str(bundle)) < 20_000
    assert bundle["text/plain"] == "<Chart of one>"


def test_names_are_text(make_run: Any, hostile: str) -> None:
    chart = nbtrail.plot(make_run(hostile, loss=[2.0, 1.0]), "loss")
    assert hostile not in chart._repr_html_()
    assert hostile not in chart.to_json()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("los",), "no run here has the metric 'los'. did you mean 'loss'"),
        (("loss", "tme"), "did you mean 'time'"),
        (("loss", "step", 1.0), "smoothing is from 0 to below 1"),
    ],
)
def test_a_mistake_is_one_sentence(make_run: Any, arguments: tuple[Any, ...], told: str) -> None:
    run_id = make_run("one", loss=[2.0, 1.0])
    with pytest.raises(InvalidValue) as caught:
        nbtrail.plot(run_id, *arguments)
    assert told in str(caught.value).lower()


def test_looking_makes_no_store(workdir: Path) -> None:
    with pytest.raises(NotFound, match="Nothing is recorded yet"):
        nbtrail.plot("abcdef01", "loss")
    assert not (workdir / ".nbtrail").exists()


def test_what_is_no_run_is_told(make_run: Any) -> None:
    make_run("one", loss=[2.0])
    with pytest.raises(NotFound, match="There is no run"):
        nbtrail.plot("abcdef01", "loss")
    for given in (3, [3], []):
        with pytest.raises(InvalidValue):
            nbtrail.plot(given, "loss")  # type: ignore[arg-type]
