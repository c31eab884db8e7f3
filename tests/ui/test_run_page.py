"""The page of a run: each tab, what can be done there, and what it leaves alone."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes
from playwright.sync_api import Page, expect

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import (
    Dataset,
    DatasetInput,
    Document,
    DocumentCell,
    Finding,
    InputTag,
    LoggedModel,
    Metric,
    Param,
    RunFile,
    Verdict,
)
from nbtrail.store import Store
from nbtrail.store.contexts import Context
from nbtrail.store.contexts import Document as Noted

from .conftest import Lab
from .pages import reload_with, use_theme
from .run_page import TABS, RunPage

pytestmark = pytest.mark.ui

EVIL = "<img src=x onerror='parent.hacked=1'><script>parent.hacked=1</script>"
HTML = f"<h1>Report</h1>{EVIL}"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="parent.hacked=1">'
    "<script>parent.hacked=1</script></svg>"
)
SCRIPT = {"application/javascript": "window.hacked=1", "text/html": HTML, "text/plain": "shown"}
FIGURE = {"data": [{"type": "scatter", "y": [1, 3, 2]}], "layout": {"title": {"text": EVIL}}}
DIFF = "--- a/wine.py\n+++ b/wine.py\n@@ -1 +1 @@\n-lr = 0.2\n+lr = 0.1\n"
STALE = "cell 3 read `data` from an execution of cell 1 that was edited afterwards"
CELLS = (
    ("data = load()", {}),
    ("lr = 0.1", {}),
    ("model = fit(data, lr)", {"data": 0, "lr": 1}),
    (f"show(model)  # {EVIL}", {"model": 2}),
)


def png(side: int = 8) -> bytes:
    """Return a picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\0" + b"\x20\x80\x40" * side) * side
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Told:
    """A run that has everything, much of it hostile; `cells` are its executions."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        experiment = store.experiments.ensure("wine").experiment_id
        run = store.runs.create(experiment, "quiet-elm", notebook=str(root / "told.ipynb")).info
        self.run_id, self.experiment_id = run.run_id, experiment
        self.cells = [self._cell(place) for place in range(len(CELLS))]
        store.trails.attach(self.run_id, self.cells, "own")
        cells = [DocumentCell(f"c{n}", "code", source) for n, (source, _) in enumerate(CELLS)]
        store.trails.put_document(self.run_id, Document("live", cells))
        finding = Finding("stale-inputs", STALE, [self.cells[2]])
        store.trails.put_verdict(self.run_id, Verdict("stale-inputs", [finding], "live"))
        self._measure()
        self._surround()
        self._give(ArtifactRepository(run.artifact_uri))
        store.runs.end(self.run_id, "FINISHED")

    def _cell(self, place: int) -> int:
        source, reads = CELLS[place]
        trails = self.store.trails
        if place == 0:
            self.session = trails.start_session(1, "told.ipynb", "python3").session_id
            self.cells = []
        one = trails.begin(self.session, place, f"c{place}", source, 1000 + place)
        self.cells.append(one)
        shown = new_output("display_data", SCRIPT)
        printed = new_output("stream", name="stdout", text=f"printed {EVIL}\n")
        trails.end(
            one,
            "ok",
            execution_count=place + 1,
            duration=0.25,
            error=None,
            outputs=[printed, shown] if place == 3 else [],
            reads={name: self.cells[at] for name, at in reads.items()},
            writes=[source.split(" ")[0]],
            opaque=None,
        )
        return one

    def _measure(self) -> None:
        store, run_id, fits = self.store, self.run_id, self.cells[2]
        store.runs.log_params(run_id, [Param("lr", "0.1", 0.1, "inferred", self.cells[1])])
        store.runs.log_params(run_id, [Param("evil", EVIL)])
        curve = [Metric("loss", math.exp(-n / 9), 1000 * n, n, execution=fits) for n in range(40)]
        busy = [Metric("system/cpu", 50 + n, 1000 * n, n) for n in range(5)]
        store.metrics.log(run_id, [*curve, *busy, Metric("acc", 0.93, 1, execution=fits)])
        store.runs.set_tags(
            run_id, {"team": EVIL, "mlflow.note.content": f"the **best**\n\n{EVIL}"}
        )

    def _surround(self) -> None:
        git = {"commit": "77b0c1", "branch": "main", "dirty": True, "diff": DIFF}
        documents = {
            "git": git,
            "packages": {"packages": {"numpy": "2.3.0"}},
            "system": {"os": EVIL},
        }
        made = {kind: Noted.of(document) for kind, document in documents.items()}
        self.store.contexts.put(self.run_id, Context.of(made))

    def _give(self, files: ArtifactRepository) -> None:
        store, run_id = self.store, self.run_id
        schema = json.dumps({"mlflow_colspec": [{"name": "alcohol", "type": "double"}]})
        profile = json.dumps({"num_rows": 133, "columns": {"alcohol": {"min": 11.03}}})
        data = Dataset("wine", "9ad2", "local", "wine.csv", schema, profile)
        used = DatasetInput(data, [InputTag("mlflow.data.context", "train")])
        store.datasets.link(run_id, [used], self.cells[0])
        model = LoggedModel(
            f"m-{run_id}", self.experiment_id, "model", "here", 5, run_id, self.cells[2]
        )
        store.registry.log_model(model)
        output = new_output("display_data", SCRIPT)
        cells = [new_markdown_cell(f"# Wine\n{EVIL}"), new_code_cell("1 + 1", outputs=[output])]
        files.write("scores.csv", f"id,score\n1,0.93\n2,{EVIL}\n".encode())
        files.write("more/page.html", HTML.encode())
        files.write("more/drawing.svg", SVG.encode())
        files.write("more/green.png", png())
        files.write("more/lying.png", b"no picture")
        files.write("more/figure.plotly.json", json.dumps(FIGURE).encode())
        files.write("more/executed.ipynb", writes(new_notebook(cells=cells)).encode())
        store.files.note(run_id, [RunFile("scores.csv", execution=self.cells[3])])
        store.files.note(run_id, [RunFile("huge.bin", kept=False, size=2 << 30)])


@pytest.fixture
def lab(shared_lab: Lab) -> Lab:
    return shared_lab


@pytest.fixture
def told(lab: Lab) -> Told:
    return Told(lab.store, lab.root)


def test_every_tab_shows_its_part_and_executes_nothing(
    lab: Lab, told: Told, page: Page, screenshot: Callable[[str], Path]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    run = RunPage(page).open(lab, told.run_id)
    expect(run.header.get_by_role("heading")).to_have_text("quiet-elm")
    expect(run.header).to_contain_text("Stale inputs")

    overview = run.panel
    expect(overview.locator("tr[data-key='loss'] .nbtrail-Sparkline path")).to_be_visible()
    expect(overview.get_by_test_id("nbtrail-run-params")).to_contain_text("Inferred from a cell")
    expect(overview.locator(".nbtrail-Markdown strong")).to_have_text("best")
    verdict = overview.get_by_test_id("nbtrail-run-verdict")
    expect(verdict).to_contain_text(STALE)
    expect(verdict).to_contain_text("run again, in this order: [3][4]")
    verdict.get_by_role("button", name="[3]").first.click()

    cell = run.panel.locator(f"[data-execution='{told.cells[2]}']")
    expect(cell).to_be_focused()
    expect(cell.locator("pre span").first).to_be_visible()
    last = run.panel.locator(f"[data-execution='{told.cells[3]}']")
    expect(last.locator(".jp-OutputArea-output h1")).to_have_text("Report")
    expect(last).to_contain_text("printed <img src=x")
    last.get_by_role("button", name="scores.csv").click()
    expect(run.panel.locator("td").first).to_have_text("1")

    charts = run.show("charts")
    expect(run.chart("loss")).to_have_attribute("data-points", "40")
    charts.get_by_role("button", name="Show as table").click()
    expect(charts.locator("tbody tr")).to_have_count(40)
    run.show("system")
    expect(run.chart("system/cpu")).to_have_attribute("data-points", "5")

    expect(run.show("data")).to_contain_text("133")
    graph = run.show("lineage")
    expect(graph.locator(".nbtrail-Node")).to_have_count(7)
    graph.get_by_role("button", name="cell [3]").click()
    expect(cell).to_be_focused()
    run.show("lineage")
    graph.get_by_role("button", name="Show as table").click()
    expect(graph.locator("tbody tr").first).to_contain_text("data wine")

    about = run.show("environment")
    expect(about.locator("[data-line='added']")).to_have_text("+lr = 0.1")
    expect(about.get_by_test_id("nbtrail-packages")).to_contain_text("2.3.0")
    expect(run.show("history")).to_contain_text("was changed since")
    run.show("notes")

    for theme in ("light", "dark"):
        if theme == "dark":
            use_theme(page, "JupyterLab Dark")
        for tab in TABS:
            run.show(tab)
            screenshot(f"run-{tab}-{theme}")
    assert page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith((lab.url, "data:", "blob:"))] == []


@pytest.mark.full
def test_files_are_shown_as_what_they_are(lab: Lab, told: Told, page: Page) -> None:
    run = RunPage(page).open(lab, told.run_id, tab="artifacts")
    expect(run.panel.get_by_role("button", name="huge.bin")).to_be_disabled()
    expect(run.file("scores.csv").locator("tbody tr")).to_have_count(2)
    run.panel.get_by_role("button", name="more").click()

    for name, side in (("green.png", 8), ("drawing.svg", 40)):
        image = run.file(f"more/{name}").get_by_role("img")
        expect(image).to_have_js_property("naturalWidth", side)
    expect(run.file("more/lying.png")).to_contain_text("no picture")
    expect(run.file("more/figure.plotly.json").locator(".main-svg").first).to_be_visible()
    executed = run.file("more/executed.ipynb")
    expect(executed.locator(".nbtrail-Markdown h1")).to_contain_text("Wine")
    expect(executed.locator(".jp-OutputArea-output h1")).to_have_text("Report")
    frame = run.file("more/page.html").locator("iframe")
    expect(frame).to_have_attribute("sandbox", "")
    expect(frame.content_frame.locator("h1")).to_have_text("Report")

    with page.expect_download() as download:
        run.panel.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_text() == HTML
    assert page.evaluate("window.hacked") is None

    reload_with(page, "more/page.html")
    expect(run.panel.locator("iframe")).to_be_visible()


@pytest.mark.full
def test_a_run_is_changed_and_the_changes_are_told(lab: Lab, told: Told, page: Page) -> None:
    run = RunPage(page).open(lab, told.run_id)
    title = run.header.get_by_role("heading")
    run.act("Rename…")
    page.locator(".jp-Dialog input").fill("the good one")
    run.answer("Rename")
    expect(title).to_have_text("the good one")
    run.act("☆ Star")
    expect(run.header.get_by_role("button", name="★ Starred")).to_have_attribute(
        "aria-pressed", "true"
    )
    run.act("Tags…")
    page.locator(".jp-Dialog [data-row] input").nth(1).fill("blue")
    run.answer("Save")
    expect(run.panel.get_by_test_id("nbtrail-run-tags")).to_contain_text("blue")

    notes = run.show("notes")
    notes.get_by_role("textbox").fill("## Next\ntry C=1")
    run.show("overview")
    run.show("notes")
    expect(notes.get_by_role("status")).to_have_text("Not saved")
    expect(notes.get_by_test_id("nbtrail-note").get_by_role("heading")).to_contain_text("Next")
    notes.get_by_role("button", name="Save").click()
    expect(notes.get_by_role("status")).to_have_text("Saved")
    expect(run.show("history").locator("tbody tr")).to_have_count(1)
    expect(run.panel.locator("tbody tr")).to_contain_text("set note")
    expect(run.panel.locator("tbody tr")).to_contain_text("try C=1")

    run.act("Delete")
    expect(run.header).to_contain_text("Deleted")
    page.get_by_role("button", name="Undo").click()
    expect(run.header).not_to_contain_text("Deleted")

    run.act("Restore the Notebook")
    restored = f"told {told.run_id[:8]}.ipynb"
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current")).to_contain_text(restored)
    assert (lab.root / restored).exists()


@pytest.mark.full
def test_it_follows_its_run_and_rests_while_hidden(lab: Lab, page: Page) -> None:
    store = lab.store
    run_id = store.runs.create(store.experiments.ensure("wine").experiment_id, "live").info.run_id
    run = RunPage(page).open(lab, run_id, tab="charts")
    expect(run.panel).to_contain_text("No metrics were recorded")
    for tab in ("overview", "trail", "artifacts", "data", "lineage", "environment"):
        expect(run.show(tab)).to_contain_text("no", ignore_case=True)
    run.tabs.get_by_role("tab", selected=True).press("Home")
    page.keyboard.press("ArrowRight")
    expect(run.tabs.locator("[data-tab='charts']")).to_be_focused()

    store.metrics.log(run_id, [Metric("loss", 1 / (n + 1), n, n) for n in range(10)])
    expect(run.chart("loss")).to_have_attribute("data-points", "10")
    store.metrics.log(run_id, [Metric("loss", 0.05, n, n) for n in range(10, 20)])
    expect(run.chart("loss")).to_have_attribute("data-points", "20")

    page.locator(".lm-DockPanel-tabBar .lm-TabBar-addButton").click()
    expect(run.node).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    store.metrics.log(run_id, [Metric("loss", 0.04, 20, 20)])
    page.wait_for_timeout(1000)
    assert not [url for url in asked if f"/runs/{run_id}" in url]
    page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text="live").click()
    expect(run.chart("loss")).to_have_attribute("data-points", "21")
    store.runs.end(run_id, "KILLED")
    expect(run.header).to_contain_text("Killed")


def test_an_unknown_run_is_one_clear_message(lab: Lab, told: Told, page: Page) -> None:
    run = RunPage(page).open(lab, "nobody")
    expect(run.error).to_contain_text("nobody")
    expect(run.error.get_by_role("button", name="Try again")).to_be_visible()
