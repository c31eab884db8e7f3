"""The main job in the browser: cells run in real kernels, and the panel follows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Lab
from .pages import NotebookPage, TrailPanel, load, use_theme

pytestmark = pytest.mark.ui

TRAIN = "nbtrail.log_metric"
EVALUATE = "accuracy_score("
BUSY = "[*]:"
A_NOTEBOOK = 90_000


def test_runs_appear_are_compared_and_lead_back_to_their_cells(
    lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    notebook = NotebookPage(page).open(lab.address("quickstart.ipynb"))
    panel = TrailPanel(page).open()
    expect(panel.empty).to_be_visible()

    notebook.run_all()
    expect(panel.metric("accuracy")).to_be_visible(timeout=A_NOTEBOOK)
    notebook.wait_for_kernel(A_NOTEBOOK)
    expect(panel.runs).to_have_count(1)
    expect(panel.runs).to_have_attribute("data-status", "FINISHED")
    expect(panel.runs).to_contain_text("C 1.0")

    notebook.rewrite("max_iter = 200", "C = 0.01\nmax_iter = 200")
    notebook.run_all()
    expect(panel.runs).to_have_count(2, timeout=A_NOTEBOOK)
    expect(panel.metric("accuracy")).to_be_visible(timeout=A_NOTEBOOK)
    notebook.wait_for_kernel(A_NOTEBOOK)

    expect(notebook.tracking).to_have_attribute("data-state", "on")
    newest = panel.names()[0]
    expect(notebook.tracking).to_contain_text(newest)
    expect(page.get_by_test_id("nbtrail-status")).to_contain_text(newest)
    recorded = notebook.mark(EVALUATE)
    expect(recorded).to_have_attribute(
        "title", re.compile("^Recorded in the current run: accuracy")
    )
    notebook.rewrite("C = 0.01", "C = 0.02\nmax_iter = 200")
    expect(notebook.mark("C = 0.02")).to_have_attribute("title", re.compile("Edited since it ran"))

    panel.tick(0)
    panel.tick(1)
    expect(panel.compared_params.filter(has_text=re.compile("^C"))).to_have_text("C0.011.0")
    expect(panel.compared_metrics.filter(has_text=re.compile("^accuracy[^_]"))).to_have_count(1)
    panel.choose_metric("accuracy")
    expect(panel.chart).to_have_attribute("data-points", "2")
    screenshot("quickstart-light")
    use_theme(page, "JupyterLab Dark")
    screenshot("quickstart-dark")

    notebook.select_first_cell()
    expect(notebook.cell(EVALUATE)).not_to_be_in_viewport()
    panel.metric("accuracy", 1).click()
    expect(notebook.active_cell).to_contain_text(EVALUATE)
    expect(notebook.active_cell).to_be_in_viewport()

    notebook.delete_active_cell()
    panel.metric("accuracy", 1).click()
    expect(page.get_by_text("was not found")).to_be_visible()


def test_recording_is_turned_on_and_off_in_the_toolbar(
    lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    notebook = NotebookPage(page).open(lab.address("quickstart.ipynb"))
    expect(notebook.tracking).to_have_attribute("data-state", "none")
    notebook.track("Record this Notebook")
    expect(notebook.tracking).to_have_attribute("data-state", "on")
    notebook.track("Stop Recording")
    expect(notebook.tracking).to_have_attribute("data-state", "off")
    notebook.tracking.click()
    for command in ("Open the Current Run", "Compare the Runs of this Notebook"):
        entry = page.locator(".lm-Menu-item", has_text=command)
        expect(entry).to_have_class(re.compile("lm-mod-disabled"))
    screenshot("tracking-menu-light")
    page.keyboard.press("Escape")
    load(page, lab.address("quickstart.ipynb"))
    notebook.wait_for_kernel()
    expect(notebook.tracking).to_have_attribute("data-state", "off")
    notebook.rewrite("%load_ext", "%track on")
    page.keyboard.press("Shift+Enter")
    expect(notebook.tracking).to_have_attribute("data-state", "on")


def test_the_chart_grows_while_the_training_cell_is_busy(
    lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    notebook = NotebookPage(page).open(lab.address("quickstart.ipynb"))
    notebook.open_another("training.ipynb")
    panel = TrailPanel(page).open()
    notebook.run_all()
    expect(notebook.prompt(TRAIN)).to_have_text(BUSY, timeout=A_NOTEBOOK)
    expect(panel.runs.first).to_have_attribute("data-status", "RUNNING", timeout=A_NOTEBOOK)

    seen = [panel.points_above(0)]
    for _ in range(2):
        seen.append(panel.points_above(seen[-1]))
        assert notebook.prompt(TRAIN).inner_text() == BUSY
    assert seen[0] < seen[1] < seen[2]
    screenshot("training-light")
    use_theme(page, "JupyterLab Dark")
    screenshot("training-dark")

    notebook.wait_for_kernel(A_NOTEBOOK)
    run_id = panel.runs.first.get_attribute("data-run-id")
    stored = lab.store.metrics.history(str(run_id), "loss")
    expect(panel.chart).to_have_attribute("data-points", str(len(stored)))
    assert panel.points() == len(stored) > seen[-1]
    expect(panel.runs.first).to_have_attribute("data-status", "FINISHED")

    notebook.save_and_close()
    expect(notebook.title).to_contain_text("quickstart.ipynb")
    panel.metric("loss").click()
    expect(notebook.title).to_contain_text("training.ipynb")
    expect(notebook.active_cell).to_contain_text(TRAIN)
    expect(notebook.active_cell).to_be_in_viewport()
