"""axe-core looks at what the page shows of nbtrail."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OURS = [".nbtrail-View", ".nbtrail-Tracking", ".nbtrail-StatusItem"]
LOOK = """async ours => {
    const include = ours.filter(one => document.querySelector(one)).map(one => [one]);
    if (include.length === 0) return [];
    const { violations } = await axe.run({ include }, { resultTypes: ['violations'] });
    const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    return grave.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html}: ${failureSummary}`));
}"""


def violations(page: Page) -> list[str]:
    """Return what a person may not be able to see, name or reach, if it is serious."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(LOOK, OURS)
    return found
