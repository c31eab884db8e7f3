"""`nbtrail.show_trail`: cells with their outputs, none of which can do anything."""

from __future__ import annotations

from typing import Any

import pytest

import nbtrail
from nbtrail.display import html
from nbtrail.display.outputs import LARGEST, LONGEST, outputs_html
from nbtrail.display.source import highlighted
from nbtrail.entities import Finding, Verdict
from nbtrail.errors import InvalidValue
from nbtrail.store import Store


@pytest.fixture
def run_id(store: Store, make_run: Any, hostile: str) -> str:
    """Return a run of two cells: one that it read from, and one that printed and failed."""
    run_id = make_run("trained", params={"lr": "0.1"}, acc=[0.5])
    session = store.trails.start_session(1, "book.ipynb", "python3").session_id
    ended = {"reads": {}, "writes": [], "opaque": None}
    first = store.trails.begin(session, 0, "load", f"x = '{hostile}'", 1)
    store.trails.end(
        first, "ok", execution_count=1, duration=0.002, error=None, outputs=[], **ended
    )
    second = store.trails.begin(session, 1, "fit", "def f(x):\n    return 1.5  # that is it", 2)
    printed = {"output_type": "stream", "name": "stdout", "text": f"\x1b[31mred\x1b[0m {hostile}"}
    store.trails.end(
        second, "error", execution_count=2, duration=2.5, error=hostile, outputs=[printed], **ended
    )
    store.trails.attach(run_id, [first], "prelude")
    store.trails.attach(run_id, [second], "own")
    finding = Finding("stale-inputs", "cell fit read `x`, which was edited", [second])
    store.trails.put_verdict(run_id, Verdict("stale-inputs", [finding], "live"))
    return run_id


def test_a_cell_shows_how_it_ended_and_what_is_to_be_thought_of_it(run_id: str) -> None:
    shown = nbtrail.show_trail(run_id[:8])._repr_html_()
    load, fit = shown.split("<details")[1:3]
    assert "[1] load" in load
    assert "2 ms · read by others" in load
    assert "open" not in load.partition(">")[0]
    assert "✗ error · 2.5 s" in fit
    assert "open" in fit.partition(">")[0]
    assert shown.count("cell fit read `x`, which was edited") == 2  # as a finding, at its cell
    assert "Verdict: <b>stale-inputs</b>" in shown
    assert "<summary style='opacity:0.7'>1 output</summary>" in shown


def test_nothing_in_a_trail_can_do_anything(run_id: str, hostile: str) -> None:
    view = nbtrail.show_trail(run_id)
    assert hostile not in view._repr_html_()
    assert "\x1b" not in view._repr_html_() + repr(view)


def test_as_text_it_is_a_table(run_id: str) -> None:
    lines = repr(nbtrail.show_trail(run_id)).splitlines()
    assert lines[0].split() == ["CELL", "SOURCE", "STATUS", "DURATION", "RECORDED"]
    assert lines[2].split()[:4] == ["[2]", "fit", "def", "f(x):"]
    assert lines[3] == "Verdict: stale-inputs"


def test_a_run_without_cells_is_told(make_run: Any) -> None:
    with pytest.raises(InvalidValue, match="has no trail"):
        nbtrail.show_trail(make_run())


def test_source_has_the_colours_of_the_theme() -> None:
    shown = highlighted("%load_ext x\nx = f('<b>')  # why")
    assert "color:var(--jp-mirror-editor-string-color," in shown
    assert "&lt;b&gt;" in shown
    assert "# why" in shown
    assert highlighted("<" * 200_000) == "&lt;" * 200_000


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"image/png": "iVBO\nRw=="}, 'src="data:image/png;base64,iVBORw=="'),
        ({"image/svg+xml": "<svg onload='x()'/>"}, 'src="data:image/svg+xml;base64,'),
        (
            {"text/html": "<script>x()</script>", "text/plain": "   a\n0  1"},
            "<pre>   a\n0  1</pre>",
        ),
        ({"text/html": ["<script>", "x()</script>"]}, "<pre>(text/html)</pre>"),
        ({"image/png": "A" * (LARGEST + 1), "text/plain": "big"}, "<pre>big</pre>"),
        ({"text/plain": "y" * (LONGEST + 7)}, "… 7 more characters</pre>"),
    ],
)
def test_outputs_are_texts_and_images(data: dict[str, Any], shown: str) -> None:
    made = outputs_html([{"output_type": "display_data", "data": data, "metadata": {}}])
    assert shown in made
    assert "<script" not in made
    assert "onload" not in made


def test_a_traceback_is_shown_without_its_colours() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["\x1b[31mE\x1b[0m"]}
    assert outputs_html([error]) == "<pre>E</pre>"


def test_single_cells_and_verdicts_look_the_same(run_id: str, store: Store) -> None:
    verdict = store.trails.verdict(run_id)
    assert verdict
    assert html.verdict_html(verdict) in nbtrail.show_trail(run_id)._repr_html_()
    assert "[2] fit" in html.execution_html(store.trails.executions(run_id)[1])
