"""The recorder in a kernel hears what its notebook is, and what it says is kept in the notebook."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from playwright.sync_api import Page, expect

from nbtrail.entities import Run

from .conftest import Lab
from .pages import NotebookPage, load

pytestmark = pytest.mark.ui

CELLS = ("%load_ext nbtrail", "lr = 0.5", "speed = lr * 2.0", "%track metric speed")

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


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
