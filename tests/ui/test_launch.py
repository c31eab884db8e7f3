"""The launch form: notebooks that run in the background of a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from .compare_page import ComparePage
from .conftest import Lab
from .pages import TrailPanel, load, use_theme

pytestmark = pytest.mark.ui

PARAMETERS = """\
lr: float = 0.1  # learning rate
optimizer: "Literal['adam', 'sgd']" = 'adam'
seconds: float = 0.0  # how long it sleeps
"""
CELLS = [
    "%load_ext nbtrail",
    "import time, nbtrail\nnbtrail.log_metric('loss', lr)",
    "time.sleep(seconds)",
]
STARTED = 60_000  # milliseconds until a process and its kernel are there


@pytest.fixture
def notebook(shared_lab: Lab) -> str:
    """Write a notebook with parameters; return its name."""
    cells = [new_code_cell(source) for source in CELLS]
    cells.insert(1, new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), shared_lab.root / "train.ipynb")
    return "train.ipynb"


def test_a_grid_is_launched_followed_stopped_and_compared(
    shared_lab: Lab, page: Page, notebook: str, screenshot: Callable[[str], Path]
) -> None:
    link = "launch:" + json.dumps({"path": notebook})
    load(page, f"{shared_lab.address()}&nbtrail={quote(link)}")
    form = page.get_by_role("form", name=notebook)
    expect(form).to_contain_text("learning rate")
    expect(form.get_by_label("optimizer")).to_have_value("")
    field = form.locator("[data-param=lr]")
    field.fill("fast")
    form.get_by_role("button", name="Run it in the background").click()
    expect(form.get_by_role("alert")).to_contain_text("must be float")
    screenshot("launch-form-light")

    form.get_by_label("Grid").check()
    field.fill("0.5, 0.25")
    form.get_by_role("button", name="Run all 2 in the background").click()
    finished = page.locator("[data-position][data-state=finished]")
    expect(finished).to_have_count(2, timeout=STARTED)
    expect(finished.first).to_contain_text("lr = 0.5")
    expect(finished.first).to_contain_text("5/5")  # the cell with the given values is one more
    expect(page.get_by_test_id("nbtrail-log")).to_contain_text("finished")

    field.fill("")
    form.locator("[data-param=seconds]").fill("600")
    form.get_by_role("button", name="Run it in the background").click()
    expect(page.locator("[data-position][data-state=running]")).to_contain_text(
        "time.sleep(seconds)", timeout=STARTED
    )
    use_theme(page, "JupyterLab Dark")
    panel = TrailPanel(page).open()
    panel.section("Launch")
    job = panel.node.get_by_test_id("nbtrail-job")
    expect(job).to_have_count(1)  # of those that have not ended
    expect(job).to_contain_text("train")
    expect(job).to_contain_text("/ 5")
    expect(job.get_by_role("button", name="Stop train")).to_be_enabled()
    screenshot("launch-running-dark")
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = page.locator("[data-job][data-state=stopped]")
    expect(stopped).to_have_count(1, timeout=STARTED)
    expect(job).to_have_count(0)

    page.locator("[data-job][data-state=finished]").get_by_role("button", name="Compare").click()
    compare = ComparePage(page)
    expect(compare.count).to_have_text("2 runs")
    expect(compare.chart("loss").locator(".bars .point")).to_have_count(2)
