"""What kernels and JupyterLab tell each other: of notebooks, of rules, of runs in a live table."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from subprocess import Popen

import nbformat
import pytest
from playwright.sync_api import Page, expect

from nbtrail.entities import Run
from store import scripts

from .conftest import Lab
from .pages import NotebookPage, TrailPanel, choose, load

pytestmark = pytest.mark.ui

CELLS = ("%load_ext nbtrail", "lr = 0.5", "speed = lr * 2.0", "%track metric speed")
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}

DOOMED = """
import os, time, nbtrail
open("doomed.pid", "w").write(str(os.getpid()))
with nbtrail.start_run():
    nbtrail.log_metric("loss", 0.25)
    time.sleep(600)
"""
TRAINING = """
    import nbtrail
    for C in ("0.1", "1.0"):
        with nbtrail.start_run(run_name=f"with {C}"):
            nbtrail.log_param("C", C)
            nbtrail.log_metric("loss", 2.0)
    with nbtrail.start_run(run_name="training"):
        for step in range(20):
            if step % 10 == 0:
                print(step, flush=True)
                input()
            nbtrail.log_metric("loss", 1 / (step + 1), step=step)
        print("trained", flush=True)
        input()
"""
HAS_POINTS = """count => document.querySelector('.js-plotly-plot').data
    .filter(trace => trace.name === 'training')
    .reduce((sum, trace) => sum + trace.y.length, 0) === count"""


@pytest.fixture
def lab(shared_lab: Lab) -> Lab:
    return shared_lab


def last_run(lab: Lab) -> Run:
    lab.store.drain()
    return lab.store.runs.search(max_results=1)[0][0]


def verdict(lab: Lab) -> tuple[str, str]:
    """What is thought of the last run, and who told of the notebook."""
    found = lab.store.trails.verdict(last_run(lab).info.run_id)
    assert found
    return found.verdict, found.origin


def run_again(notebook: NotebookPage, text: str) -> None:
    """Execute a cell, and wait for its end."""
    before = notebook.prompt(text).inner_text()
    notebook.cell(text).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+Enter")
    expect(notebook.prompt(text)).not_to_have_text(before)
    expect(notebook.prompt(text)).not_to_have_text("[*]:")


def test_what_is_edited_but_not_executed_is_known_and_rules_are_kept(lab: Lab, page: Page) -> None:
    path = lab.root / "rules.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=PYTHON), path)
    notebook = NotebookPage(page).open(lab.address(path.name))
    notebook.run_all()
    expect(notebook.prompt("%track")).to_have_text("[4]:")
    assert last_run(lab).data.metrics == {"speed": 1.0}
    assert verdict(lab) == ("linear", "live")  # although all cells were queued before the recorder

    notebook.rewrite("lr = 0.5", "lr = 0.7")
    run_again(notebook, "speed =")
    assert verdict(lab) == ("stale-inputs", "live")

    notebook.rewrite("lr = 0.7", "lr = 0.5")
    page.keyboard.press("Control+s")
    expect(notebook.title).not_to_have_class(re.compile("jp-mod-dirty"))
    assert json.loads(path.read_text())["metadata"]["nbtrail"] == {"metrics": ["speed"]}

    load(page, lab.address(path.name))  # the page anew, with the same kernel
    notebook.wait_for_kernel()
    notebook.rewrite("lr = 0.5", "lr = 0.9")
    run_again(notebook, "speed =")
    assert verdict(lab) == ("stale-inputs", "live")
    notebook.rewrite("lr = 0.9", "lr = 0.5")
    run_again(notebook, "speed =")
    assert verdict(lab) == ("linear", "live")


def test_a_killed_kernel_leaves_a_killed_run_with_all_its_metrics(lab: Lab, page: Page) -> None:
    path, told = lab.root / "doomed.ipynb", lab.root / "doomed.pid"
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext nbtrail", DOOMED)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=PYTHON), path)
    notebook = NotebookPage(page).open(lab.address(path.name))
    panel = TrailPanel(page).open()
    notebook.run_all()
    expect(panel.runs.first).to_have_attribute("data-status", "RUNNING")
    expect(panel.runs.first).to_contain_text("0.25")
    os.kill(int(told.read_text()), signal.SIGKILL)
    expect(panel.runs.first).to_have_attribute("data-status", "KILLED")
    assert last_run(lab).data.metrics == {"loss": 0.25}


@pytest.mark.full
def test_a_console_has_a_recorder_and_no_notebook(lab: Lab, page: Page) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    load(page, lab.address())
    choose(page, "File", "New", "Console")
    page.get_by_role("button", name="Select Kernel", exact=True).click()
    NotebookPage(page).wait_for_kernel()
    page.locator(".jp-CodeConsole-promptCell .cm-content").click()
    page.keyboard.insert_text("%load_ext nbtrail\nspeed_score = 0.5 * 1")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".jp-CodeConsole-content .jp-InputPrompt").last).to_have_text("[1]:")
    NotebookPage(page).wait_for_kernel()
    assert last_run(lab).data.metrics == {"speed_score": 0.5}
    assert wrong == []


@pytest.fixture
def training(lab: Lab) -> Iterator[Popen[str]]:
    """Start a process that records three runs, the last as far as it is told to."""
    process = scripts.start(TRAINING, NBTRAIL_TRACKING_URI=str(lab.store.directory))
    scripts.wait_for(process, "0")
    yield process
    process.communicate("\n" * 3)


def go_on(training: Popen[str], until: str) -> None:
    """Let the training record ten steps more."""
    assert training.stdin
    print(file=training.stdin, flush=True)
    scripts.wait_for(training, until)


@pytest.mark.full
def test_the_table_of_runs_filters_and_follows_what_another_process_records(
    lab: Lab, training: Popen[str], page: Page
) -> None:
    go_on(training, "10")
    cell = nbformat.v4.new_code_cell("import nbtrail\nnbtrail.runs()")
    book = nbformat.v4.new_notebook(cells=[cell], metadata=PYTHON)
    nbformat.write(book, lab.root / "inline.ipynb")
    notebook = NotebookPage(page).open(lab.address("inline.ipynb")).run_all()
    view = notebook.node.locator(".nbtrail-runs-view")
    rows, wrong = view.locator("tbody tr"), view.get_by_role("alert")
    expect(rows).to_have_count(3)

    box = view.get_by_role("searchbox", name="Filter")
    box.fill("params.C == '0.1'")
    box.press("Enter")
    expect(wrong).to_contain_text("The filter is not understood at character 11")
    expect(rows).to_have_count(3)
    box.fill("params.C = '0.1' OR attributes.status = 'RUNNING'")
    box.press("Enter")
    expect(rows).to_have_count(2)
    expect(wrong).to_be_empty()

    expect(notebook.node.locator(".js-plotly-plot")).to_have_count(1)
    page.wait_for_function(HAS_POINTS, arg=10)
    go_on(training, "trained")
    page.wait_for_function(HAS_POINTS, arg=20)
    expect(rows.first).to_contain_text("training")
    expect(rows.first).to_contain_text("RUNNING")
