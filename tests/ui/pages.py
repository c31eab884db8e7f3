"""What a person sees and does in JupyterLab, for tests that read like it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as Late

KERNEL_START = 120_000
MENU = 20_000
SPLASH = "#jupyterlab-splash"


def load(page: Page, address: str) -> None:
    """Load JupyterLab."""
    page.goto(address)
    page.locator(SPLASH).wait_for(state="detached", timeout=KERNEL_START)


def reload_with(page: Page, state: str) -> None:
    """Load JupyterLab again as soon as its workspace says `state`: it is saved a while later."""
    address = re.sub(r"/lab\b.*", "/lab/api/workspaces/default", page.url)
    while state not in page.request.get(address).text():
        page.wait_for_timeout(50)
    page.reload()


def choose(page: Page, *entries: str) -> None:
    """Choose from the menu bar: a menu, perhaps one inside it, and the command.

    A menu that has closed again, as they do while JupyterLab builds new ones, is opened again.
    """
    for last in (False, False, True):
        try:
            _follow(page, *entries)
            return
        except Late:
            if last:
                raise
            page.keyboard.press("Escape")


def _follow(page: Page, menu: str, *entries: str) -> None:
    *inner, command = entries
    page.get_by_role("menuitem", name=menu, exact=True).click(timeout=MENU)
    for submenu in inner:
        entry = page.locator(".lm-Menu-item", has_text=re.compile(f"^{submenu}$"))
        entry.click(timeout=MENU)
    page.get_by_role("menuitem", name=command, exact=True).click(timeout=MENU)


class NotebookPage:
    """The notebook in front."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.tracking = self.node.get_by_test_id("nbtrail-tracking")

    def track(self, command: str) -> None:
        """Choose from the menu of the toolbar's tracking button."""
        self.tracking.click()
        self.page.get_by_role("menuitem", name=command, exact=True).click()

    def mark(self, text: str) -> Locator:
        """Return what stands beside the cell whose source contains `text`."""
        return self.cell(text).locator(".nbtrail-Mark")

    def open(self, address: str) -> NotebookPage:
        """Load JupyterLab with a notebook, and wait for its kernel."""
        load(self.page, address)
        return self.wait_for_kernel()

    def open_another(self, name: str) -> NotebookPage:
        """Open a second notebook from the file browser, which is in front at first."""
        self.page.locator(".jp-DirListing-item", has_text=name).dblclick()
        expect(self.page.locator(".lm-DockPanel-tabBar .lm-mod-current")).to_contain_text(name)
        return self.wait_for_kernel()

    def wait_for_kernel(self, timeout: float = KERNEL_START) -> NotebookPage:
        """Wait until the kernel has nothing to do; the notebook's own sign is too early."""
        status = self.page.locator("#jp-main-statusbar")
        expect(status).to_contain_text("| Idle", timeout=timeout)
        return self

    def run_all(self) -> NotebookPage:
        """Choose *Run All Cells*, without waiting for them."""
        choose(self.page, "Run", "Run All Cells")
        return self

    def cell(self, text: str) -> Locator:
        """Return the code cell whose source contains `text`."""
        source = self.page.locator(".jp-InputArea-editor", has_text=text)
        return self.node.locator(".jp-CodeCell").filter(has=source)

    def prompt(self, text: str) -> Locator:
        """Return the input prompt of such a cell: ``[*]:`` while it executes."""
        return self.cell(text).locator(".jp-InputPrompt")

    def rewrite(self, text: str, source: str) -> None:
        """Replace the source of the cell that contains `text`."""
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def select_first_cell(self) -> None:
        """Go to the top, where no result is in sight."""
        self.node.locator(".jp-Cell").first.locator(".jp-InputPrompt").click()

    def delete_active_cell(self) -> None:
        """Press D twice in command mode."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("d")
        self.page.keyboard.press("d")

    def save(self) -> None:
        """Save the notebook in front."""
        self.page.keyboard.press("Control+s")
        expect(self.title).not_to_have_class(re.compile("jp-mod-dirty"))

    def save_and_close(self) -> None:
        """Leave the notebook in front; its kernel stays."""
        self.save()
        self.title.locator(".lm-TabBar-tabCloseIcon").click()

    @property
    def active_cell(self) -> Locator:
        """The selected cell of the notebook in front."""
        return self.node.locator(".jp-Cell.jp-mod-active")

    @property
    def title(self) -> Locator:
        """The tab of the notebook in front."""
        return self.page.locator(".lm-DockPanel-tabBar .lm-mod-current")


class TrailPanel:
    """The nbtrail panel in the left sidebar."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.get_by_role("region", name="nbtrail: experiments and runs")
        self.tab = page.locator('li[data-id="nbtrail-panel"]')
        self.runs = self.node.get_by_test_id("nbtrail-run")
        self.chart = self.node.get_by_test_id("nbtrail-chart")
        self.compare = self.node.get_by_test_id("nbtrail-compare")
        self.filter = self.node.get_by_role("combobox", name="Filter the runs")
        self.completions = self.node.get_by_role("option")
        self.models = self.node.get_by_test_id("nbtrail-model")
        self.endpoints = self.node.get_by_test_id("nbtrail-endpoint")
        self.empty = self.node.get_by_test_id("nbtrail-empty")
        self.error = self.node.get_by_test_id("nbtrail-error")
        self.chart_table = self.node.get_by_test_id("nbtrail-chart-table")
        rows = "[data-testid='nbtrail-compare-{}'] tr[data-key]"
        self.compared_params = self.compare.locator(rows.format("params"))
        self.compared_metrics = self.compare.locator(rows.format("metrics"))

    def open(self) -> TrailPanel:
        """Click the panel's tab."""
        self.tab.click()
        expect(self.node).to_be_visible()
        return self

    def widen(self, pixels: int) -> None:
        """Drag the sidebar's edge."""
        box = self.node.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + pixels, y, steps=5)
        self.page.mouse.up()

    def section(self, title: str) -> None:
        """Open a section, or close it."""
        self.node.locator(".lm-AccordionPanel-title", has_text=title).click()

    def names(self) -> list[str]:
        """Return the names of the runs in the list."""
        return self.runs.locator(".nbtrail-Run-name").all_inner_texts()

    def act(self, position: int, command: str) -> None:
        """Choose from the menu of the run at a position of the list."""
        self.runs.nth(position).get_by_role("button", name="Actions for").click()
        self.page.get_by_role("menuitem", name=command, exact=True).click()

    def tick(self, position: int) -> None:
        """Tick the run at a position of the list for comparison."""
        self.runs.nth(position).get_by_role("checkbox").check()

    def metric(self, key: str, position: int = 0) -> Locator:
        """Return the button of a metric of the run at a position of the list."""
        return self.runs.nth(position).locator(f'[data-testid="nbtrail-metric"][data-key="{key}"]')

    def choose_metric(self, key: str) -> None:
        """Chart another metric."""
        self.node.get_by_label("Metric to chart").select_option(key)

    def points(self) -> int:
        """Return how many points the chart has drawn, as plotly's own figure has them.

        While a curve grows, what the chart says of itself follows a moment after the figure.
        """
        agreed = self.page.wait_for_function(
            """() => {
                const node = document.querySelector('.nbtrail-Plot');
                const drawn = (node.data ?? [])
                    .filter(trace => trace.name)
                    .flatMap(trace => trace.y)
                    .filter(y => y !== null).length;
                return drawn === Number(node.dataset.points ?? 0) && { drawn };
            }"""
        )
        drawn: int = agreed.json_value()["drawn"]
        return drawn

    def points_above(self, count: int) -> int:
        """Wait until the chart has more than `count` points, and return how many it has."""
        grown = "count => Number(document.querySelector('.nbtrail-Plot')?.dataset.points) > count"
        self.page.wait_for_function(grown, arg=count)
        return self.points()

    def curves(self) -> list[str]:
        """Return the names of the curves in the chart."""
        names: list[str] = self.chart.evaluate(
            "node => (node.data ?? []).map(trace => trace.name).filter(name => name)"
        )
        return names


def use_theme(page: Page, name: str) -> None:
    """Change the theme by JupyterLab's own command, as its menu of menus does."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name
    )
    expect(page.locator(f'body[data-jp-theme-name="{name}"]')).to_be_attached()
    page.locator(SPLASH).wait_for(state="detached")
