"""The settings of nbtrail, changed as a person changes them: in JupyterLab's Settings Editor."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from nbtrail.entities import Metric, Param

from .conftest import Lab
from .pages import TrailPanel, load

pytestmark = pytest.mark.ui

PREFIX = "jp-SettingsEditor-nbtrail:plugin"
YEAR = 365 * 24 * 3600 * 1000


@pytest.fixture
def lab(shared_lab: Lab) -> Lab:
    """Return a JupyterLab with an old run and three new ones, between which only `C` varies."""
    runs = shared_lab.store.runs
    experiment = shared_lab.store.experiments.ensure("wine").experiment_id
    started = {"old-toad": YEAR, "calm-otter": None, "brisk-heron-7": None, "vivid-lynx": None}
    for name, start_time in started.items():
        run_id = runs.create(experiment, name=name, start_time=start_time).info.run_id
        runs.log_params(run_id, [Param("C", str(len(name))), Param("max_iter", "200")])
        points = [Metric("loss", 1 / (1 + n), n, n) for n in range(9)]
        shared_lab.store.metrics.log(run_id, points)
        runs.end(run_id, "FINISHED")
    return shared_lab


def setting(page: Page, name: str) -> Locator:
    """Return where a setting is entered."""
    return page.locator(f"[id='{PREFIX}_{name}']")


def form_of(page: Page, name: str) -> Locator:
    """Return the form that a setting is in: all of nbtrail's."""
    return setting(page, name).locator("xpath=ancestor::form")


def open_settings(page: Page) -> None:
    """Open the Settings Editor at nbtrail's own."""
    open_editor = "query => window.jupyterapp.commands.execute('settingeditor:open', { query })"
    page.evaluate(open_editor, "nbtrail")


def test_what_is_set_is_seen_at_once(lab: Lab, page: Page) -> None:
    load(page, lab.address())
    panel = TrailPanel(page).open()
    expect(panel.runs).to_have_count(4)
    expect(panel.runs.first).not_to_contain_text("max_iter")
    curve = panel.chart.locator(".lines path.js-line").first
    first_colour = curve.evaluate("line => line.style.stroke")

    open_settings(page)
    setting(page, "retention").fill("30")
    expect(panel.runs).to_have_count(3)
    setting(page, "runsPerPage").fill("2")
    expect(panel.runs).to_have_count(2)
    form_of(page, "retention").get_by_role("button", name="Add").click()
    setting(page, "columns_0").fill("params.max_iter")
    expect(panel.runs.first).to_contain_text("max_iter 200")
    expect(panel.runs.first).not_to_contain_text("C 10")
    setting(page, "palette").select_option(label="Tol vibrant")
    expect(curve).not_to_have_css("stroke", first_colour)


def test_a_setting_that_cannot_be_is_refused_there(lab: Lab, page: Page) -> None:
    load(page, lab.address())
    panel = TrailPanel(page).open()
    open_settings(page)
    setting(page, "runsPerPage").fill("0")
    expect(form_of(page, "runsPerPage")).to_contain_text("must be >= 1")
    expect(panel.runs).to_have_count(4)
