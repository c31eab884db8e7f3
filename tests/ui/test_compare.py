"""The page that compares runs: over real runs in a real JupyterLab."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nbtrail.entities import Metric, Param
from nbtrail.store import Store

from .compare_page import ComparePage
from .conftest import Lab
from .pages import reload_with, use_theme

pytestmark = pytest.mark.ui

RUNS = 12
POINTS = 700  # more than a chart has buckets
PAYLOAD = "<img src=x onerror=\"window.hacked = 'name'\"> & <b>bold</b>"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
Take = Callable[[str], Path]


def a_run(store: Store, number: int) -> str:
    """Store a run with two curves, a single value and params that vary; return its id."""
    experiment = store.experiments.ensure("wine").experiment_id
    name = PAYLOAD if number == 0 else f"run-{number}"
    run_id = store.runs.create(experiment, name=name).info.run_id
    lr = [0.1, 0.01, 0.001][number % 3]
    params = {"lr": str(lr), "depth": str(number % 4), "seed": "42"}
    store.runs.log_params(run_id, [Param(key, value) for key, value in params.items()])
    points = POINTS if number == 0 else 30
    loss = [
        Metric("loss", math.exp(-step * lr) - 0.01, 1000 * step, step) for step in range(points)
    ]
    gap = [Metric("val/acc", math.nan if step == 9 else step / 30, 0, step) for step in range(20)]
    store.metrics.log(run_id, [*loss, *gap, Metric("f1", number / RUNS, 0)])
    return run_id


def a_trail(store: Store, run_id: str, changed: str, cells: int = 200) -> None:
    """Give a run a trail, of which one cell is its own."""
    session = store.trails.start_session(1, "wine.ipynb", "python3").session_id
    sources = [f"x{n} = {n}" for n in range(cells)]
    sources[100] = changed
    ids = [
        store.trails.begin(session, n, f"cell-{n}", source, n) for n, source in enumerate(sources)
    ]
    for n, execution in enumerate(ids):
        store.trails.end(
            execution,
            "ok",
            execution_count=n,
            duration=0.1,
            error=None,
            outputs=[],
            reads={},
            writes=[],
            opaque=None,
        )
    store.trails.attach(run_id, ids, "own")


@pytest.fixture(scope="module")
def lab(running_lab: Lab) -> Lab:
    """Return a JupyterLab with runs, of which the two newest have trails and images."""
    store = running_lab.store
    ids = [a_run(store, number) for number in range(RUNS)]
    for run_id, changed in [(ids[-2], "model.fit(X)"), (ids[-1], "model.fit(X, y)  # <b>")]:
        a_trail(store, run_id, changed)
        folder = Path(store.runs.get(run_id).info.artifact_uri) / "plots"
        folder.mkdir(parents=True)
        (folder / "roc.png").write_bytes(PNG)
    for run_id in ids[:-1]:
        store.runs.end(run_id, "FINISHED")
    return running_lab


@pytest.fixture
def compare(page: Page) -> ComparePage:
    return ComparePage(page)


def test_the_table_is_sorted_grouped_filtered_and_measured_by_a_baseline(
    lab: Lab, compare: ComparePage, screenshot: Take
) -> None:
    compare.open(lab, experiment_ids=["1"])
    expect(compare.count).to_have_text("12 runs")
    compare.sort("metrics.f1")
    expect(compare.rows.first).to_contain_text("run-11")
    compare.sort("metrics.f1")
    expect(compare.rows.first.locator(".nbtrail-Run-name")).to_have_text(PAYLOAD)
    compare.rows.first.get_by_role("button", name="Measure the others").click()
    expect(compare.column("metrics.f1").nth(1)).to_have_text(re.compile(r"^0.08333\+0.08333$"))
    compare.node.locator("summary").click()
    compare.node.get_by_role("checkbox", name="params seed").check()
    expect(compare.column("params.seed")).to_have_count(12)
    compare.node.get_by_role("button", name="Pin f1").click()
    expect(compare.column("metrics.f1").first).to_have_css("position", "sticky")
    compare.page.keyboard.press("Escape")
    compare.node.get_by_label("Only what differs").check()
    expect(compare.column("params.seed")).to_have_count(0)
    compare.node.get_by_label("Group by").select_option("params.lr")
    expect(compare.scroller).to_contain_text("lr = 0.001 4 runs")
    screenshot("compare-table-light")
    turned = compare.node.get_by_role("checkbox", name="Runs side by side")
    turned.check()
    beside = compare.node.get_by_role("region", name="Runs side by side")
    expect(beside.locator("thead .nbtrail-Run-name")).to_have_count(RUNS)
    expect(beside.locator("tr[data-key='params.lr'][data-differs=true] td")).to_have_count(RUNS)
    expect(beside.locator("tr[data-key='metrics.f1']")).to_contain_text("0.08333+0.08333")
    expect(beside.locator("tr[data-key='params.seed']")).to_have_count(0)
    turned.uncheck()
    compare.filter.fill("metrics.f1 >")
    expect(compare.mistake).to_contain_text("The filter is not understood")
    compare.filter.fill("metrics.f1 > 0.8")
    expect(compare.count).to_have_text("2 runs")
    expect(compare.mistake).to_have_count(0)
    compare.filter.fill("metrics.f1 > 7")
    expect(compare.node).to_contain_text("No run is left by this filter.")
    assert compare.page.evaluate("window.hacked") is None


@pytest.mark.full
def test_the_choice_is_restored_and_everything_goes_by_keyboard(
    lab: Lab, compare: ComparePage
) -> None:
    keyboard = compare.page.keyboard
    compare.open(lab, experiment_ids=["1"])
    compare.node.get_by_role("tab", name="Table").focus()
    keyboard.press("ArrowRight")
    expect(compare.node.get_by_role("tab", name="Charts")).to_be_focused()
    expect(compare.chart("loss")).to_be_visible()
    keyboard.press("End")
    expect(compare.node.get_by_test_id("nbtrail-diff")).to_be_visible()
    keyboard.press("Home")
    compare.rows.first.get_by_role("checkbox").focus()
    keyboard.press("Space")
    edge = compare.node.get_by_role("separator", name="Width of f1")
    edge.focus()
    for _ in range(5):
        keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "210")
    reload_with(compare.page, '"metrics.f1": 210')
    expect(edge).to_have_attribute("aria-valuenow", "210", timeout=60_000)
    expect(compare.rows.first.get_by_role("checkbox")).not_to_be_checked()


def test_charts_share_their_axis_their_hover_and_their_zoom(
    lab: Lab, compare: ComparePage, screenshot: Take
) -> None:
    compare.open(lab, experiment_ids=["1"], view="charts")
    compare.expect_lines("loss", RUNS)
    screenshot("compare-charts-light")
    folded = compare.points("loss")
    compare.node.get_by_label("log y").check()
    expect(compare.node.locator('[data-metric="loss"]')).to_contain_text("not above 0")
    compare.node.get_by_label("Smoothing").fill("0.9")
    faint = "node => node.data.filter(one => one.opacity < 1).length"
    expect(compare.chart("loss")).to_have_attribute("data-traces", str(2 * RUNS + 2))
    assert compare.chart("loss").evaluate(faint) == RUNS
    box = compare.chart("loss").bounding_box()
    assert box is not None
    compare.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    expect(compare.chart("val/acc").locator(".hoverlayer > *")).not_to_have_count(0)
    with compare.page.expect_request(lambda one: "first_x" in (one.post_data or "")) as asked:
        compare.drag("loss")
    first = json.loads(asked.value.post_data or "")["first_x"]
    assert 0 < first < POINTS
    compare.node.get_by_role("button", name="Show the whole axis").click()
    expect(compare.node.get_by_role("button", name="Show the whole axis")).to_have_count(0)
    assert folded < POINTS + 30 * (RUNS - 1)


@pytest.mark.full
def test_groups_say_how_many_runs_and_a_running_one_grows(
    lab: Lab, compare: ComparePage, screenshot: Take
) -> None:
    compare.open(lab, experiment_ids=["1"], view="charts", metrics=["val/acc"])
    compare.expect_lines("val/acc", RUNS)
    before = compare.points("val/acc")
    running = lab.store.runs.search(["1"], "status = 'RUNNING'")[0][0].info.run_id
    lab.store.metrics.log(running, [Metric("val/acc", 0.5, 0, step) for step in range(20, 25)])
    compare.page.wait_for_function(
        "count => document.querySelector('.nbtrail-Drawing').data.filter(one => one.meta)"
        ".flatMap(one => one.y).filter(y => y !== null).length === count",
        arg=before + 5,
    )
    compare.node.get_by_label("Mean by").select_option("params.lr")
    compare.expect_lines("val/acc", 3)
    names = compare.chart("val/acc").evaluate("node => node.data.map(one => one.name)")
    assert {name for name in names if name} == {f"{lr} (n = 4)" for lr in ("0.1", "0.01", "0.001")}
    compare.node.get_by_role("button", name="Table", exact=True).click()
    expect(compare.node.get_by_test_id("nbtrail-lines-table")).to_contain_text("Runs (n)")
    use_theme(compare.page, "JupyterLab Dark")
    compare.node.get_by_role("button", name="Chart", exact=True).click()
    compare.expect_lines("val/acc", 3)
    screenshot("compare-groups-dark")


@pytest.mark.full
def test_runs_are_looked_at_from_other_sides(
    lab: Lab, compare: ComparePage, screenshot: Take
) -> None:
    compare.open(lab, experiment_ids=["1"], view="scatter")
    drawing = compare.node.get_by_test_id("nbtrail-drawing")
    expect(drawing).to_have_attribute("data-traces", "1")
    assert drawing.evaluate("node => node.data[0].x.length") == RUNS
    screenshot("compare-scatter-light")
    compare.show("Bars")
    expect(drawing.locator(".bars .point")).to_have_count(RUNS)
    compare.show("Parallel")
    lines = compare.node.locator(".nbtrail-Parallel path")
    expect(lines).to_have_count(RUNS)
    compare.node.locator('[data-axis="f1"]').get_by_role("slider").focus()
    for _ in range(10):
        compare.page.keyboard.press("ArrowUp")
    expect(compare.node.locator('.nbtrail-Parallel path[data-within="true"]')).to_have_count(6)
    screenshot("compare-parallel-light")
    compare.show("Importance")
    expect(compare.node.locator("tr[data-key]")).to_have_count(3)
    expect(compare.node).to_contain_text("From 12 runs")
    compare.filter.fill("metrics.f1 > 0.5")
    expect(compare.node.get_by_test_id("nbtrail-refused")).to_be_visible()


@pytest.mark.full
def test_trails_are_compared_cell_by_cell_and_images_side_by_side(
    lab: Lab, compare: ComparePage, screenshot: Take
) -> None:
    compare.open(lab, experiment_ids=["1"], view="diff")
    diff = compare.node.get_by_test_id("nbtrail-diff")
    expect(diff).to_contain_text("1 of 200 cells differ.")
    expect(diff.locator("[data-line=removed]")).to_have_text("-model.fit(X)\n")
    expect(diff.locator("[data-line=added]")).to_have_text("+model.fit(X, y)  # <b>\n")
    expect(diff.get_by_text("100 cells are the same")).to_be_visible()
    expect(diff.locator("tr[data-key=lr] td")).to_have_text(["0.01", "0.001"])
    screenshot("compare-cells-light")
    compare.show("Images")
    images = compare.node.locator("tr[data-path='plots/roc.png'] img")
    expect(images).to_have_count(4)
    compare.page.wait_for_function(
        "[...document.querySelectorAll('.nbtrail-Images-open img')]"
        ".every(image => image.naturalWidth === 1)"
    )
    use_theme(compare.page, "JupyterLab Dark")
    screenshot("compare-images-dark")
