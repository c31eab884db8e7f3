"""The sidebar: runs are found, changed and compared, models served, notebooks listed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nbtrail.entities import Metric, Param
from nbtrail.store import Store

from .conftest import Lab
from .pages import TrailPanel, load, reload_with, use_theme

pytestmark = pytest.mark.ui

HOSTILE = "<img src=x onerror=alert(1)> 🦊"
A_MODEL = """
import nbtrail, pandas
from sklearn.linear_model import LinearRegression
X = pandas.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
with nbtrail.start_run(run_name="modelled"):
    nbtrail.log_model(LinearRegression().fit(X, X.a * 2), "model", input_example=X)
"""


def a_run(store: Store, name: str, accuracy: float, **params: str) -> None:
    """Store a finished run."""
    experiment = store.experiments.ensure("wine").experiment_id
    run_id = store.runs.create(experiment, name=name).info.run_id
    store.runs.log_params(run_id, [Param(key, value) for key, value in params.items()])
    store.metrics.log(run_id, [Metric("accuracy", accuracy, 0), Metric("same", 1.0, 0)])
    store.runs.set_tags(run_id, {"nbtrail.verdict": "stale-inputs"})
    store.runs.end(run_id, "FINISHED")


@pytest.fixture
def panel(shared_lab: Lab, page: Page) -> TrailPanel:
    """Open the panel over three runs."""
    for name, accuracy, lr in (("otter", 0.8, "0.1"), ("heron", 0.9, "0.2"), (HOSTILE, 0.7, "0.3")):
        a_run(shared_lab.store, name, accuracy, lr=lr, seed="7")
    load(page, shared_lab.address())
    # Its launcher takes the focus when it is there, from whatever has it.
    expect(page.locator(".lm-DockPanel-tabBar .jp-mod-current")).to_be_visible()
    return TrailPanel(page).open()


def test_runs_are_found_by_the_grammar_and_by_words(
    panel: TrailPanel, page: Page, screenshot: Callable[[str], Path]
) -> None:
    expect(panel.runs).to_have_count(3)
    assert panel.names() == [HOSTILE, "heron", "otter"]
    expect(panel.runs.first).to_contain_text("lr 0.3")
    expect(panel.runs.first).to_contain_text("+1 more")  # what is the same everywhere
    expect(panel.runs.first).to_contain_text("Stale inputs")
    panel.filter.fill("metrics.acc")
    expect(panel.completions).to_contain_text(["metrics.accuracy"])
    screenshot("sidebar-complete-light")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.filter).to_have_value("metrics.accuracy ")
    page.keyboard.type("> 0.75")
    expect(panel.runs).to_have_count(2)
    panel.filter.fill("metrics.accuracy >< 1")
    expect(panel.node.get_by_role("status")).to_contain_text("not understood at character")
    expect(panel.runs).to_have_count(2)
    panel.filter.fill("metrics.accuracy > 99")
    expect(panel.node).to_contain_text("No run fulfils the filter.")
    panel.filter.fill("hero")
    expect(panel.runs).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel.runs).to_have_count(3)
    expect(panel.filter).to_have_value("")


@pytest.mark.full
def test_runs_are_changed_deleted_and_brought_back(
    panel: TrailPanel, page: Page, screenshot: Callable[[str], Path]
) -> None:
    star = panel.runs.nth(1).get_by_role("button", name="Star heron")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    panel.act(1, "Rename…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("egret")
    dialog.get_by_role("button", name="Rename").click()
    expect(panel.runs.nth(1)).to_contain_text("egret")
    panel.act(1, "Note…")
    dialog.get_by_role("textbox").fill("**the** best")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    panel.runs.nth(1).click(button="right")
    page.locator(".lm-Menu-item", has_text="Colour").click()
    page.get_by_role("menuitem", name="Green").click()
    stroke = panel.runs.nth(1).locator(".nbtrail-Swatch line")
    expect(stroke).to_have_attribute("stroke", "#009e73")
    use_theme(page, "JupyterLab Dark")
    screenshot("sidebar-runs-dark")

    panel.tick(1)
    panel.tick(2)
    panel.act(1, "Delete")
    expect(panel.runs).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(panel.runs).to_have_count(3)
    panel.act(2, "Delete")
    panel.node.get_by_role("button", name="Show deleted runs").click()
    expect(panel.runs.filter(has_text="deleted").filter(has_text="otter").first).to_be_visible()
    panel.runs.first.click(button="right")
    page.locator(".lm-Menu-item[data-command='nbtrail:restore-runs']").click()
    panel.node.get_by_role("button", name="Back to the runs").click()
    expect(panel.runs).to_have_count(3)


def test_the_panel_survives_a_reload_and_a_server_that_is_away(
    panel: TrailPanel, page: Page
) -> None:
    expect(panel.runs).to_have_count(3)
    panel.section("Models")
    panel.filter.fill("metrics.accuracy > 0.75")
    expect(panel.runs).to_have_count(2)
    reload_with(page, "accuracy > 0.75")
    expect(panel.filter).to_have_value("metrics.accuracy > 0.75")
    expect(panel.runs).to_have_count(2)
    expect(panel.node).to_contain_text("No model is registered yet")

    page.context.set_offline(True)
    panel.node.get_by_role("button", name="Show deleted runs").click()
    lost = panel.node.get_by_test_id("nbtrail-lost")
    expect(lost).to_contain_text("does not answer")
    panel.filter.fill("metrics.accuracy > 0.85")
    expect(panel.node.locator(".nbtrail-Search-error")).to_contain_text("does not answer")
    expect(panel.runs).to_have_count(2)
    page.context.set_offline(False)
    expect(lost).to_have_count(0)
    expect(panel.node.get_by_role("heading", name="Deleted runs")).to_be_visible()
    panel.node.get_by_role("button", name="Back to the runs").click()
    expect(panel.runs).to_have_count(1)  # what was typed meanwhile
    expect(panel.runs).to_contain_text("heron")


@pytest.mark.full
def test_ticked_runs_open_as_a_comparison_by_the_keyboard_alone(
    panel: TrailPanel, page: Page
) -> None:
    expect(panel.runs).to_have_count(3)
    panel.runs.first.get_by_role("checkbox").focus()
    page.keyboard.press("Shift+Tab")
    for _ in range(2):
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "checkbox":
                break
        page.keyboard.press("Space")
    compare = panel.node.get_by_role("button", name="Compare 2")
    compare.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current")).to_contain_text(
        re.compile("compare|comparison", re.IGNORECASE)
    )


def test_a_model_is_registered_served_tried_and_stopped(
    shared_lab: Lab, panel: TrailPanel, page: Page, screenshot: Callable[[str], Path]
) -> None:
    script(shared_lab, A_MODEL)
    expect(panel.runs.first).to_contain_text("modelled")
    panel.act(0, "Register a Model…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").or_(dialog.get_by_role("combobox")).last.fill("doubler")
    dialog.get_by_role("button", name="Register").click()
    expect(dialog).to_have_count(0)
    panel.section("Runs")
    panel.section("Models")
    panel.models.filter(has_text="doubler").locator("summary").click()
    version = panel.node.get_by_test_id("nbtrail-version")
    version.get_by_label("Stage of version 1").select_option("Staging")
    version.get_by_role("button", name="+ alias").click()
    dialog.get_by_role("textbox").fill("champion")
    dialog.get_by_role("button", name="Set").click()
    expect(panel.models).to_contain_text("champion → 1")
    version.get_by_role("button", name="Serve…").click()
    dialog.get_by_role("button", name="Serve").click()
    panel.section("Endpoints")
    expect(panel.endpoints).to_have_attribute("data-state", "ready", timeout=60_000)
    panel.endpoints.locator("summary").click()
    panel.endpoints.get_by_label("a double").fill("21")
    panel.endpoints.get_by_label("b double").fill("x")
    panel.endpoints.get_by_role("button", name="Predict").click()
    answer = panel.endpoints.get_by_test_id("nbtrail-answer")
    expect(answer).to_contain_text("“b” wants a number")
    panel.endpoints.get_by_label("b double").fill("1")
    panel.endpoints.get_by_role("button", name="Predict").click()
    expect(answer).to_contain_text(re.compile(r"42|41\.99"))
    screenshot("sidebar-models-light")
    panel.endpoints.get_by_role("button", name="Stop").click()
    expect(panel.endpoints).to_have_attribute("data-state", "stopped")


@pytest.mark.full
def test_notebooks_are_found_to_be_launched(panel: TrailPanel, page: Page) -> None:
    panel.section("Launch")
    files = panel.node.locator(".nbtrail-File")
    expect(files.filter(has_text="quickstart.ipynb")).to_have_count(1)
    panel.node.get_by_label("A notebook, project or git address").fill("TRAIN")
    expect(files).to_have_text(["training.ipynb"])


def script(lab: Lab, source: str) -> None:
    """Run a script where the lab's store is found."""
    subprocess.run([sys.executable, "-c", source], cwd=lab.root, check=True)
