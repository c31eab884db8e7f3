"""Jupyter Notebook 7: the same panel beside the notebook; pages open in tabs of the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import TOKEN, run_lab
from .pages import KERNEL_START, TrailPanel, choose

pytestmark = [pytest.mark.ui, pytest.mark.full]


def test_a_notebook_is_recorded_beside_the_panel_and_its_run_opens(
    tmp_path: Path, page: Page, screenshot: Callable[[str], Path]
) -> None:
    with run_lab(tmp_path, module="notebook") as notebook:
        page.goto(f"{notebook.url}/notebooks/quickstart.ipynb?token={TOKEN}")
        panel = TrailPanel(page)
        tracking = page.get_by_test_id("nbtrail-tracking")
        expect(tracking).to_have_attribute("data-state", "none", timeout=KERNEL_START)
        page.keyboard.press("Control+Alt+t")
        expect(panel.empty).to_be_visible()
        choose(page, "Run", "Run All Cells")
        expect(panel.runs).to_have_count(1, timeout=KERNEL_START)
        expect(panel.metric("accuracy")).to_be_visible()
        (run,) = notebook.store.runs.search()[0]
        expect(tracking).to_contain_text(run.info.run_name)
        panel.metric("accuracy").click()
        scored = page.locator(".jp-Cell.jp-mod-active")
        expect(scored).to_contain_text("accuracy = ")
        expect(scored.locator(".nbtrail-Mark")).to_be_visible()
        screenshot("notebook-7-light")
        with page.expect_popup() as opened:
            panel.runs.first.get_by_role("button", name=run.info.run_name, exact=True).click()
        header = opened.value.get_by_test_id("nbtrail-run-header")
        expect(header).to_contain_text(run.info.run_name, timeout=KERNEL_START)
        opened.value.close()
