"""The pages of a registered model and of an endpoint: changed, undone, restored, by keyboard."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from nbtrail import serving
from nbtrail.entities import EndpointConfig, EndpointTarget

from .conftest import Lab
from .pages import load, reload_with, use_theme

pytestmark = pytest.mark.ui

MODELS = """
import nbtrail
from sklearn.linear_model import LinearRegression
import pandas
X = pandas.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
client = nbtrail.Client()
for number in range(2):
    with nbtrail.start_run(run_name=f"fit {number}"):
        nbtrail.log_metric("auc", 0.9 + number / 20)
        nbtrail.log_param("depth", number)
        info = nbtrail.log_model(
            LinearRegression().fit(X, X.a * 2), "m", input_example=X, pip_requirements=[]
        )
    nbtrail.register_model(info.model_uri, "wine", tags={"checked": "yes"})
client.set_registered_model_alias("wine", "champion", "2", reason="better")
client.update_registered_model("wine", "How good a wine is")
"""


@pytest.fixture(scope="module")
def lab(running_lab: Lab) -> Iterator[Lab]:
    subprocess.run([sys.executable, "-c", MODELS], cwd=running_lab.root, check=True)
    yield running_lab
    running_lab.store.registry.edits.delete("wine")
    running_lab.reset()


class Shown:
    """A page in the main area."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.locator(".nbtrail-RunPage")
        self.dialog = page.locator(".jp-Dialog")

    def open(self, lab: Lab, kind: str, **state: str) -> Shown:
        load(self.page, f"{lab.address()}&nbtrail={quote(kind + ':' + json.dumps(state))}")
        return self

    def tab(self, name: str) -> Locator:
        self.node.locator(f"[role=tab][data-tab='{name}']").click()
        panel = self.node.locator(f".nbtrail-TabPanel[data-tab='{name}']")
        expect(panel).not_to_contain_text("Loading…")
        return panel

    def answer(self, button: str, **fields: str) -> None:
        for name, value in fields.items():
            self.dialog.locator(f"[name='{name}']").fill(value)
        self.dialog.get_by_role("button", name=button, exact=True).click()
        expect(self.dialog).to_have_count(0)

    def button(self, name: str) -> Locator:
        return self.node.get_by_role("button", name=name, exact=True)


def test_a_model_is_renamed_copied_deleted_and_brought_back(
    lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    shown = Shown(page).open(lab, "model", name="wine")
    rows = shown.node.get_by_test_id("nbtrail-version-row")
    expect(rows).to_have_count(2)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        use_theme(page, theme)
        for tab in ("versions", "compare", "card", "signature", "lineage", "try", "history"):
            panel = shown.tab(tab)
            if tab == "card":
                expect(panel.get_by_test_id("nbtrail-card-facts")).to_contain_text("Signature")
            screenshot(f"model-{tab}-{theme.split()[1].lower()}")
    shown.tab("versions")
    shown.button("Delete version 2").click()
    shown.answer("Cancel")
    shown.button("Delete version 2").click()
    shown.answer("Delete")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("champion")
    shown.button("Copy version 2").click()
    shown.answer("Copy", to="release")
    page.get_by_role("button", name="Open it").click()
    release = page.locator(".nbtrail-Page:not(.lm-mod-hidden)")
    expect(release.locator("h1")).to_have_text("release")
    release.get_by_role("button", name="Delete…", exact=True).click()
    shown.answer("Delete")
    expect(shown.node).to_have_count(1)
    shown.button("Rename…").click()
    shown.answer("Rename", name="red")
    expect(shown.node.locator("h1")).to_have_text("red")
    lab.store.registry.edits.rename("red", "wine")


def test_it_is_restored_and_goes_by_keyboard(lab: Lab, page: Page) -> None:
    shown = Shown(page).open(lab, "model", name="wine")
    tab = shown.node.locator("[role=tab][aria-selected=true]")
    tab.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(tab).to_have_attribute("data-tab", "card")
    reload_with(page, '"card"')
    expect(tab).to_have_attribute("data-tab", "card")
    expect(shown.node.locator("h1")).to_have_text("wine")


@pytest.mark.full
def test_an_endpoints_traffic_and_settings_are_changed(
    lab: Lab, page: Page, screenshot: Callable[[str], Path]
) -> None:
    targets = [EndpointTarget("models:/wine@champion")]
    serving.deploy("models:/wine@champion", "cellar", store=lab.store)
    shown = Shown(page).open(lab, "endpoint", name="cellar")
    header = shown.node.get_by_test_id("nbtrail-endpoint-header")
    expect(header).to_have_attribute("data-state", "ready")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        use_theme(page, theme)
        for tab in ("health", "try", "versions", "settings", "log", "keys", "code"):
            panel = shown.tab(tab)
            if tab == "card":
                expect(panel.get_by_test_id("nbtrail-card-facts")).to_contain_text("Signature")
            screenshot(f"endpoint-{tab}-{theme.split()[1].lower()}")
    shown.tab("versions")
    shown.button("Change the traffic…").click()
    shown.button("Add a model").click()
    shown.node.get_by_label("Model 2", exact=True).fill("models:/wine/1")
    shown.node.get_by_label("Weight of model 2").fill("x")
    shown.button("Apply").click()
    expect(shown.node).to_contain_text("Row 2 wants a model and its weight")
    shown.node.get_by_label("Weight of model 2").fill("3")
    shown.node.locator("[name=sticky]").fill("X-User")
    page.keyboard.press("Enter")
    expect(shown.node.get_by_test_id("nbtrail-traffic")).to_contain_text("75 %")
    expect(header).to_contain_text("revision 2")
    settings = shown.tab("settings")
    settings.locator("[name=workers]").fill("two")
    shown.button("Apply").click()
    expect(settings).to_contain_text("“Worker processes” wants a number")
    settings.locator("[name=workers]").fill("1")
    settings.locator("[name=max_body]").fill("2")
    shown.button("Apply").click()
    expect(header).to_contain_text("revision 3")
    (live,) = (one for one in serving.revisions("cellar", lab.store) if one.state == "live")
    targets.append(EndpointTarget("models:/wine/1", 3))
    assert live.config == EndpointConfig(max_body=2 * 2**20, sticky="X-User", targets=targets)
    serving.delete("cellar", lab.store)
