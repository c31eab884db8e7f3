"""The launch form, and the pages of what it and others start that has runs below it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from nbtrail import projects
from nbtrail.errors import ExecutionFailed

from .compare_page import ComparePage
from .conftest import Lab
from .pages import TrailPanel, load, use_theme
from .run_page import RunPage

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

    form.get_by_label("Schedule").check()
    field.fill("0.5")
    when = form.locator("[data-option=cron]")
    when.fill("0 7 * *")
    form.get_by_role("button", name="Schedule it").click()
    expect(form.get_by_role("alert")).to_contain_text("has 4 fields, not 5")
    when.fill("0 7 1 1 *")
    form.get_by_role("button", name="Schedule it").click()
    schedule = page.locator("[data-schedule]")
    expect(schedule).to_contain_text("0 7 1 1 *")
    screenshot("launch-schedule-light")
    schedule.get_by_role("button", name="Pause").click()
    expect(schedule).to_contain_text("paused")
    schedule.get_by_role("button", name="Delete").click()
    expect(schedule).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(schedule).to_contain_text("0 7 1 1 *")
    schedule.get_by_role("button", name="Delete").click()

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


PROJECT = """\
name: greet
entry_points:
  main: {parameters: {who: {type: string, default: world}}, command: "echo hello {who}"}
  other: {command: "true"}
"""


def test_a_project_is_launched(
    shared_lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    (shared_lab.root / "greet").mkdir(exist_ok=True)
    (shared_lab.root / "greet" / "MLproject").write_text(PROJECT)
    load(page, shared_lab.address())
    panel = TrailPanel(page).open()
    panel.section("Launch")
    panel.node.get_by_role("searchbox").fill("greet")
    panel.node.get_by_role("button", name="Launch the project “greet”").click()
    form = page.get_by_role("form", name="greet")
    expect(form).to_contain_text("Its entry point “main”")
    version, who = form.locator("[data-option=version]"), form.locator("[data-param=who]")
    version.fill("v1")
    version.blur()
    expect(form.get_by_role("alert")).to_contain_text("git")
    version.fill("")
    version.blur()
    who.fill("ada; id")
    form.get_by_text("Environment and place").click()
    form.get_by_label("Back end", exact=True).select_option("slurm")
    expect(form.get_by_label("partition")).to_be_visible()
    form.get_by_label("Back end", exact=True).select_option("ssh")
    expect(form.get_by_label("partition")).to_have_count(0)
    start = form.get_by_role("button", name="Run it in the background")
    start.click()
    expect(form.get_by_role("alert")).to_contain_text("it needs a host")
    form.get_by_label("host").fill("-oProxyCommand=id")
    start.click()
    expect(form.get_by_role("alert")).to_contain_text("is no host")
    form.get_by_label("Environment").select_option("uv")
    screenshot("launch-project-light")
    use_theme(page, "JupyterLab Dark")
    screenshot("launch-project-dark")
    form.get_by_label("Back end", exact=True).select_option("")
    form.get_by_label("Environment").select_option("")
    start.click()
    expect(page.get_by_test_id("nbtrail-log")).to_contain_text("hello ada; id", timeout=STARTED)
    expect(page.locator("[data-job]").first).to_have_attribute("data-state", "finished")
    form.get_by_label("Entry point").select_option("other")
    expect(form).to_contain_text("Its entry point “other”")
    expect(who).to_have_count(0)


HELD = """\
import os, time, nbtrail
while lr < 0.2 and os.path.exists('hold'): time.sleep(0.1)
nbtrail.log_metric('loss', lr)
"""


@pytest.mark.full
def test_a_sweep_is_launched_followed_stopped_and_goes_on(
    shared_lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    cells = [new_code_cell("lr: float = 1.0  # learning rate"), new_code_cell(HELD)]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), shared_lab.root / "search.ipynb")
    (shared_lab.root / "hold").touch()
    link = "launch:" + json.dumps({"path": "search.ipynb"})
    load(page, f"{shared_lab.address()}&nbtrail={quote(link)}")
    form = page.get_by_role("form", name="search.ipynb")
    form.get_by_label("Sweep").check()
    start = form.get_by_role("button", name="Start the sweep")

    lr, metric = form.locator("[data-param=lr]"), form.locator("[data-option=metric]")
    lr.fill("log:0.5..0.1")
    metric.fill("loss")
    form.get_by_label("Best is").select_option("min")
    form.get_by_label("Sampler").select_option("grid")
    form.get_by_label("At once").fill("1")
    start.click()
    expect(form.get_by_role("alert")).to_contain_text("is reversed: the lower number comes first")
    expect(lr).to_have_attribute("aria-invalid", "true")
    screenshot("sweep-form-light")
    lr.fill("0.5,0.25,0.125")
    metric.fill("")
    start.click()
    expect(metric).to_have_attribute("aria-invalid", "true")
    expect(lr).to_have_attribute("aria-invalid", "false")
    metric.fill("loss")
    start.click()

    job = page.locator("[data-job]").first
    expect(job).to_contain_text("2/3 trials", timeout=STARTED)
    expect(job).to_contain_text("best loss 0.25")
    expect(page.get_by_test_id("nbtrail-log")).to_contain_text("trial 2: lr=0.25")
    use_theme(page, "JupyterLab Dark")
    page.get_by_role("button", name="Open", exact=True).click()
    run = RunPage(page)
    states = [run.panel.locator(f"[data-trial][data-state={one}]") for one in STATES]
    running, stopped, finished = states
    expect(finished).to_have_count(2)
    expect(running).to_have_count(1)
    expect(run.node.get_by_test_id("nbtrail-sweep")).to_contain_text("Best loss: 0.25")
    expect(run.panel.locator(".nbtrail-Drawing")).to_have_attribute("data-traces", "2")
    expect(run.panel.locator(".nbtrail-Parallel path")).to_have_count(2)
    screenshot("sweep-running-dark")

    page.get_by_role("tab", name="Launch search.ipynb").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(job).to_have_attribute("data-state", "stopped", timeout=STARTED)
    (shared_lab.root / "hold").unlink()
    page.get_by_role("button", name="Open", exact=True).click()
    expect(stopped).to_have_count(1)
    use_theme(page, "JupyterLab Light")
    page.get_by_role("tab", name="Launch search.ipynb").click()
    page.get_by_role("button", name="Go on").click()
    expect(job).to_have_attribute("data-state", "finished", timeout=STARTED)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(finished).to_have_count(3)
    expect(run.panel).to_contain_text("3 of 3 trials have ended")
    expect(run.panel).to_contain_text("needs 10 finished trials")
    screenshot("sweep-light")
    run.panel.get_by_role("button", name="Open trial 2").click()
    expect(run.node.last.get_by_test_id("nbtrail-run-header")).to_contain_text("Finished")


STATES = ("running", "stopped", "finished")


STEPS = """\
name: steps
entry_points:
  main:
    steps:
      prepare: {}
      train: {needs: prepare, for_each: {seed: [1, 2]}}
      report: {needs: train}
  prepare: {command: "true"}
  train: {parameters: {seed: int}, command: "test {seed} -gt 0"}
  report: {command: "test -e go"}
"""


@pytest.mark.full
def test_the_steps_of_a_pipeline_are_drawn_and_told_in_words(
    shared_lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    project, store = shared_lab.root / "steps", shared_lab.store
    project.mkdir(exist_ok=True)
    (project / "go").unlink(missing_ok=True)
    (project / "MLproject").write_text(STEPS)
    with pytest.raises(ExecutionFailed) as caught:
        projects.run(project, store=store, progress=False)
    run = RunPage(page).open(shared_lab, caught.value.run_id, tab="pipeline")
    prepare, train, report = (
        run.panel.locator(f"[data-step={name}]") for name in ("prepare", "train", "report")
    )
    expect(prepare).to_contain_text("Finished")
    expect(train).to_contain_text("2 \u00d7 ✓ Finished")
    expect(report).to_contain_text("Failed")
    rows = run.panel.get_by_test_id("nbtrail-steps").locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("train (seed=1)")
    expect(rows.nth(3)).to_contain_text("exit status 1")
    screenshot("pipeline-light")

    (project / "go").touch()
    projects.run(project, resume=caught.value.run_id, store=store, progress=False)
    expect(report).to_contain_text("✓ Finished")
    expect(prepare).to_contain_text("↺ Reused")
    use_theme(page, "JupyterLab Dark")
    screenshot("pipeline-dark")
    report.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="report", exact=True)).to_be_visible()
