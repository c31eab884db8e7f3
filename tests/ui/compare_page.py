"""The page that compares runs, as a person sees it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from .conftest import Lab
from .pages import load


class ComparePage:
    """The comparison in front."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.locator(".nbtrail-Compare:not(.lm-mod-hidden)")
        self.rows = self.node.get_by_test_id("nbtrail-compare-run")
        self.count = self.node.get_by_test_id("nbtrail-compare-count")
        self.filter = self.node.get_by_label("Filter of the runs")
        self.mistake = self.node.get_by_role("alert")
        self.scroller = self.node.get_by_role("region", name="Table of runs")

    def open(self, lab: Lab, **state: Any) -> ComparePage:
        """Follow a link to the comparison, with the sidebar out of the way."""
        link = urlencode({"nbtrail": f"compare:{json.dumps(state)}"})
        load(self.page, f"{lab.address()}&{link}")
        expect(self.count).to_contain_text("run")
        self.page.keyboard.press("Control+b")
        return self

    def show(self, view: str) -> None:
        """Choose one of the views."""
        self.node.get_by_role("tab", name=view, exact=True).click()
        expect(self.node.locator(f"[role=tabpanel][aria-label={view}]")).to_be_visible()

    def names(self) -> list[str]:
        """Return the names of the runs in the table, from the top."""
        return self.rows.locator(".nbtrail-Run-name").all_inner_texts()

    def column(self, name: str) -> Locator:
        """Return the cells of a column, such as ``metrics.loss``."""
        return self.rows.locator(f'td[data-column="{name}"]')

    def sort(self, name: str) -> None:
        """Click the head of a column."""
        self.scroller.locator(f'thead button[title^="{name}:"]').click()

    def chart(self, metric: str) -> Locator:
        """Return the drawing of a metric."""
        card = self.node.locator(f'section[data-metric="{metric}"]')
        return card.get_by_test_id("nbtrail-drawing")

    def expect_lines(self, metric: str, count: int) -> None:
        """Wait until so many lines with a name are drawn."""
        self.page.wait_for_function(
            """([metric, count]) => {
                const cards = [...document.querySelectorAll('section[data-metric]')];
                const card = cards.find(one => one.dataset.metric === metric);
                const data = card?.querySelector('.nbtrail-Drawing')?.data ?? [];
                return data.filter(trace => trace.meta).length === count;
            }""",
            arg=[metric, count],
        )

    def points(self, metric: str) -> int:
        """Return how many points the lines of a chart have."""
        found: int = self.chart(metric).evaluate(
            "node => node.data.filter(one => one.meta)"
            ".flatMap(one => one.y).filter(y => y !== null).length"
        )
        return found

    def drag(self, metric: str) -> None:
        """Choose a part of a chart's axis with the pointer."""
        box = self.chart(metric).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
        self.page.mouse.move(x, y, steps=3)
        self.page.mouse.down()
        self.page.mouse.move(x + box["width"] / 3, y + 5, steps=5)
        self.page.mouse.up()
