"""The page of a run, for tests: how it is opened, and where its parts are."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from .conftest import Lab
from .pages import load

TABS = (
    "overview",
    "charts",
    "trail",
    "artifacts",
    "data",
    "lineage",
    "environment",
    "system",
    "notes",
    "history",
)


class RunPage:
    """The page of a run that is in front."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.locator(".nbtrail-RunPage")
        self.header = self.node.get_by_test_id("nbtrail-run-header")
        self.tabs = self.node.get_by_role("tablist")
        self.panel = self.node.get_by_role("tabpanel")
        self.error = self.node.get_by_test_id("nbtrail-error")

    def open(self, lab: Lab, run_id: str, **state: str) -> RunPage:
        """Load JupyterLab by a link to the page."""
        link = "run:" + json.dumps({"run_id": run_id, **state})
        load(self.page, f"{lab.address()}&nbtrail={quote(link)}")
        return self

    def show(self, tab: str) -> Locator:
        """Click a tab; return what it shows, as soon as that is there."""
        self.tabs.locator(f"[data-tab='{tab}']").click()
        panel = self.node.locator(f".nbtrail-TabPanel[data-tab='{tab}']")
        expect(panel).not_to_contain_text("Loading…")
        for chart in panel.locator(".nbtrail-Plot").all():
            expect(chart).to_have_attribute("data-points", re.compile("[1-9]"))
        return panel

    def act(self, button: str) -> None:
        """Click one of the buttons below the title."""
        self.header.get_by_role("button", name=button, exact=True).click()

    def answer(self, button: str, **fields: str) -> None:
        """Fill the fields of a dialog, by their names, and accept it."""
        dialog = self.page.locator(".jp-Dialog")
        for name, value in fields.items():
            dialog.locator(f"[name='{name}']").fill(value)
        dialog.get_by_role("button", name=button, exact=True).click()
        expect(dialog).to_have_count(0)

    def file(self, path: str) -> Locator:
        """Open a file of the tab with files; return its preview."""
        self.panel.locator(f"li[data-path='{path}'] .nbtrail-Artifact").click()
        preview = self.node.get_by_test_id("nbtrail-preview")
        expect(preview.locator("header h2")).to_have_text(path.rpartition("/")[2])
        return preview

    def chart(self, key: str) -> Locator:
        """Return the chart of a metric."""
        return self.panel.locator(f".nbtrail-Part[data-key='{key}'] .nbtrail-Plot")
