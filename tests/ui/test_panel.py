"""The panel over a store with runs in it: what it shows, and what it leaves alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from nbtrail.entities import Metric, Param, Status
from nbtrail.store import Store

from .conftest import Lab, StartLab
from .pages import NotebookPage, TrailPanel, load, use_theme

pytestmark = pytest.mark.ui

PYTHON = {"name": "python3", "display_name": "Python 3"}


def a_run(
    store: Store, name: str, status: Status = "FINISHED", points: int = 40, **params: str
) -> str:
    """Store a run with a curve, a single value and some params; return its id."""
    experiment = store.experiments.ensure("wine")
    run_id = store.runs.create(experiment.experiment_id, name=name).info.run_id
    store.runs.log_params(run_id, [Param(key, value) for key, value in params.items()])
    curve = [Metric("loss", math.exp(-i / 9) + len(name) / 99, 1000 * i, i) for i in range(points)]
    store.metrics.log(run_id, [*curve, Metric("accuracy", 0.9 + len(name) / 999, 0)])
    error = "ValueError: no convergence" if status == "FAILED" else None
    store.runs.end(run_id, status, error=error)
    return run_id


@pytest.fixture
def lab(shared_lab: Lab) -> Lab:
    return shared_lab


@pytest.fixture
def three_runs(lab: Lab) -> list[str]:
    """Return the ids of three stored runs, the newest first."""
    stored = [
        a_run(lab.store, "calm-otter", C="0.1", max_iter="200"),
        a_run(lab.store, "brisk-heron", C="1.0", max_iter="200"),
        a_run(lab.store, "vivid-lynx-3", "FAILED", C="10.0", max_iter="200"),
    ]
    return stored[::-1]


@pytest.fixture
def panel(lab: Lab, page: Page, three_runs: list[str]) -> TrailPanel:
    """Open JupyterLab with the panel in front."""
    load(page, lab.address())
    return TrailPanel(page).open()


def test_runs_are_listed_newest_first(panel: TrailPanel, three_runs: list[str]) -> None:
    expect(panel.runs).to_have_count(3)
    shown = [panel.runs.nth(i).get_attribute("data-run-id") for i in range(3)]
    assert shown == three_runs
    failed, finished = panel.runs.nth(0), panel.runs.nth(1)
    expect(failed).to_have_attribute("data-status", "FAILED")
    expect(failed).to_contain_text("Failed")
    expect(failed).to_contain_text("ValueError: no convergence")
    expect(finished).to_contain_text("Finished")
    expect(finished).to_contain_text("C 1.0")
    expect(panel.metric("accuracy", 1)).to_contain_text("0.911")
    expect(finished.locator("time")).to_have_text(re.compile("sec. ago|now"))


def test_experiments_narrow_the_list_and_changes_are_seen(lab: Lab, panel: TrailPanel) -> None:
    expect(panel.runs).to_have_count(3)
    experiment = lab.store.experiments.ensure("digits").experiment_id
    lab.store.experiments.set_tags(experiment, {"project": "vision"})
    lab.store.runs.create(experiment, name="lonely-newt")
    expect(panel.runs).to_have_count(1)  # the newest experiment, while none is chosen
    expect(panel.runs).to_contain_text("lonely-newt")
    expect(panel.runs.first).to_contain_text("Running")
    choice = panel.node.get_by_label("Experiment")
    expect(choice.locator("optgroup[label='vision'] option")).to_have_text("digits (1)")
    choice.select_option(label="All experiments (4)")
    expect(panel.runs).to_have_count(4)


def test_ticked_runs_are_compared(
    panel: TrailPanel, page: Page, screenshot: Callable[[str], Path]
) -> None:
    panel.widen(120)
    expect(panel.compare).to_have_count(0)
    panel.tick(0)
    panel.tick(2)
    expect(panel.compared_params).to_have_text(["C10.00.1"])
    expect(panel.compared_metrics.locator("th")).to_have_text(["accuracy", "loss"])
    expect(panel.chart).to_have_attribute("data-points", "80")
    assert panel.points() == 80
    assert panel.curves() == ["vivid-lynx-3", "calm-otter"]
    panel.compare.get_by_role("button", name="show 1 equal").click()
    expect(panel.compared_params).to_have_text(["C10.00.1", "max_iter200200"])
    screenshot("compare-light")
    use_theme(page, "JupyterLab Dark")
    expect(panel.chart).to_have_attribute("data-points", "80")
    screenshot("compare-dark")
    text_color = "getComputedStyle(document.body).getPropertyValue('--jp-ui-font-color1').trim()"
    assert panel.chart.evaluate("node => node.layout.font.color") == page.evaluate(text_color)


@pytest.mark.full
def test_the_chart_fits_its_place_and_has_a_table_behind_it(panel: TrailPanel) -> None:
    expect(panel.chart).to_have_attribute("data-points", "40")
    width = panel.chart.locator(".main-svg").first.evaluate("node => node.clientWidth")
    panel.widen(150)
    is_wider = "width => document.querySelector('.nbtrail-Plot .main-svg').clientWidth > width + 99"
    panel.page.wait_for_function(is_wider, arg=width)
    panel.node.get_by_role("button", name="Show as table").click()
    expect(panel.chart_table.locator("tbody tr")).to_have_count(40)
    panel.node.get_by_role("button", name="Show as chart").click()
    expect(panel.chart).to_have_attribute("data-points", "40")


@pytest.mark.full
def test_single_values_stand_side_by_side_and_long_histories_are_folded(
    lab: Lab, panel: TrailPanel
) -> None:
    a_run(lab.store, "long-eel", points=20_000)
    expect(panel.chart).to_have_attribute("data-points", "500")
    expect(panel.node).to_contain_text("20,000 points, drawn as 500")
    panel.tick(0)
    panel.tick(1)
    panel.choose_metric("accuracy")
    expect(panel.chart).to_have_attribute("data-points", "2")
    assert panel.curves() == ["long-eel", "vivid-lynx-3"]
    expect(panel.chart.locator("g.points path.point")).to_have_count(2)


def test_a_hidden_panel_asks_nothing(lab: Lab, panel: TrailPanel, page: Page) -> None:
    expect(panel.chart).to_have_attribute("data-points", "40")
    page.locator('li[data-id="filebrowser"]').click()
    expect(panel.node).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    a_run(lab.store, "unseen-mole")
    page.wait_for_timeout(1000)
    assert not [url for url in asked if "/nbtrail/" in url]
    panel.open()
    expect(panel.runs).to_have_count(4)


def test_a_metric_from_outside_a_notebook_says_so(panel: TrailPanel, page: Page) -> None:
    panel.metric("accuracy").click()
    expect(page.get_by_text("logged outside of a notebook")).to_be_visible()


def test_an_empty_store_offers_the_first_snippet(
    start_lab: StartLab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    lab = start_lab()
    plain = new_notebook(cells=[new_code_cell("6 * 7")], metadata={"kernelspec": PYTHON})
    nbformat.write(plain, lab.root / "plain.ipynb")
    notebook = NotebookPage(page).open(f"{lab.address('plain.ipynb')}&nbtrail=panel")
    panel = TrailPanel(page)
    expect(panel.empty.locator("p")).to_have_count(1)
    screenshot("empty")
    panel.empty.get_by_role("button").click()
    expect(notebook.active_cell.locator(".cm-content")).to_have_text("%load_ext nbtrail")
    expect(notebook.node.locator(".jp-Cell").first).to_have_class(re.compile("jp-mod-active"))


def test_a_missing_server_extension_is_one_clear_message(start_lab: StartLab, page: Page) -> None:
    lab = start_lab("--ServerApp.jpserver_extensions={'nbtrail': False}")
    load(page, lab.address())
    panel = TrailPanel(page).open()
    expect(panel.error).to_contain_text("jupyter server extension enable nbtrail")
    expect(panel.error).to_have_count(1)
