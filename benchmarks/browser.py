"""The panel in a real browser: what it loads at the start, and how long its script works.

Run it with ``python -m benchmarks.browser``; it needs Chromium. Frames are not counted (they
depend on the graphics card): only the time from a click to what it shows, and the script's part.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from benchmarks.panel import CURVES, POINTS, add_run
from nbtrail.entities import Metric
from nbtrail.store import Store, open_store

ROWS, OTHERS = 1_000, 9_000
PAGE, FILTER = 50, "metrics.m3 > 0.9"  # it leaves more than a page, and with a 9 less
TYPED = 20
EVENTS, EVENTS_AT_ONCE = 36_000, 60
SCROLLS = 60
TOKEN = "benchmark"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-precise-memory-info"]
SCROLL = """async count => {
    const table = document.querySelector('.nbtrail-RunsTable');
    const taken = [];
    for (let i = 0; i < count; i++) {
        const begun = performance.now();
        table.scrollTop += 400;
        table.dispatchEvent(new Event('scroll'));
        await new Promise(resolve => queueMicrotask(resolve));
        taken.push(performance.now() - begun);
        await new Promise(resolve => requestAnimationFrame(resolve));
    }
    return taken.sort((a, b) => a - b);
}"""
DRAWN = """count => [...document.querySelectorAll('.nbtrail-Drawing')]
    .some(one => (one.data ?? []).filter(trace => trace.meta).length === count)"""


RUNS = "document.querySelectorAll('[data-testid=nbtrail-run]').length"
LISTED = f"count => {RUNS} === count"
LIVE = "points => Number(document.querySelector('.nbtrail-Plot')?.dataset.points) === points"


def main() -> None:
    """Measure, and print a table."""
    with TemporaryDirectory() as folder, running(Path(folder)) as url, a_page() as page:
        store = open_store(Path(folder) / ".nbtrail")
        rows, curves = fill(store)
        left = len(store.runs.search([rows], f"{FILTER}9")[0])
        print("| what | found | limit |\n| --- | --- | --- |")
        told("loaded when JupyterLab starts, gzipped", f"{at_start(page, url)} KB", "60 KB")
        told("from the click on the panel's tab to its runs", f"{usable(page):.2f} s", "1 s")
        told(
            "from a key in the search box to its runs, median",
            f"{typed(page, left):.0f} ms",
            "150 ms",
        )
        late = live(page, store)
        told("from a logged point to its drawing, median", f"{late:.0f} ms", "500 ms")
        before, after = heap(page, store)
        grown = f"{before:.1f} MB, {after:.1f} MB"
        told(f"heap after {EVENTS // 10:,} live points, after {EVENTS:,}", grown, "10 % more")
        seconds = opened(page, url, curves, "charts", CURVES)
        told(f"{CURVES} runs x {POINTS:,} points drawn", f"{seconds:.2f} s", "1.5 s")
        taken = scrolled(page, url, rows)
        middle, worst = taken[len(taken) // 2], taken[-1]
        what = f"a scroll step of {ROWS:,} rows, script: median, worst"
        told(what, f"{middle:.1f} ms, {worst:.1f} ms", "16 ms")


def told(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def fill(store: Store) -> tuple[str, str]:
    """Return the experiments with a thousand runs, and with long curves, among many others."""
    others, rows, curves = (
        store.experiments.ensure(name).experiment_id for name in ("others", "rows", "curves")
    )
    for number in range(OTHERS + ROWS):
        add_run(store, random.Random(number), others if number < OTHERS else rows)
    for _ in range(CURVES):
        run_id = store.runs.create(curves).info.run_id
        store.metrics.log(run_id, [Metric("loss", 1 / (1 + n), n, n) for n in range(POINTS)])
        store.runs.end(run_id, "FINISHED")
    return rows, curves


def usable(page: Page) -> float:
    """Return the seconds until the panel that is opened lists runs."""
    begun = time.perf_counter()
    page.locator('li[data-id="nbtrail-panel"]').click()
    page.wait_for_function(f"{RUNS} > 0", polling=10)
    return time.perf_counter() - begun


def typed(page: Page, left: int) -> float:
    """Return the milliseconds from a key to the runs that are left, as a median."""
    page.get_by_test_id("nbtrail-experiment").select_option(label=f"rows ({ROWS})")
    search = page.get_by_role("combobox", name="Filter the runs")
    taken = []
    for _ in range(TYPED):
        search.fill(FILTER)
        page.wait_for_function(LISTED, arg=PAGE, polling=10)
        begun = time.perf_counter()
        search.press("9")
        page.wait_for_function(LISTED, arg=left, polling=10)
        taken.append(time.perf_counter() - begun)
    search.fill("")
    return median(taken) * 1000


def live(page: Page, store: Store) -> float:
    """Return the milliseconds from a point that is logged to its drawing, as a median."""
    run_id = store.runs.create(store.experiments.ensure("live").experiment_id).info.run_id
    page.get_by_test_id("nbtrail-experiment").select_option(label="live (1)")
    taken = []
    for step in range(TYPED):
        begun = time.perf_counter()
        store.metrics.log(run_id, [Metric("loss", 1 / (1 + step), step, step)])
        page.wait_for_function(LIVE, arg=step + 1, polling=10)
        taken.append(time.perf_counter() - begun)
    return median(taken[1:]) * 1000


def heap(page: Page, store: Store) -> tuple[float, float]:
    """Return the megabytes that scripts hold after a tenth of the live points, and after all."""
    (run,), _ = store.runs.search(filter_string="status = 'RUNNING'")
    held = []
    for first in range(0, EVENTS, EVENTS_AT_ONCE):
        steps = range(first, first + EVENTS_AT_ONCE)
        store.metrics.log(run.info.run_id, [Metric("loss", 1 / (1 + n), n, n) for n in steps])
        page.wait_for_timeout(50)
        if first + EVENTS_AT_ONCE in (EVENTS // 10, EVENTS):
            held.append(megabytes(page))
    return held[0], held[1]


def megabytes(page: Page) -> float:
    """Return what scripts hold once what they have let go is collected."""
    page.wait_for_timeout(2000)
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    used: int = page.evaluate("performance.memory.usedJSHeapSize")
    return used / 1e6


def at_start(page: Page, url: str) -> float:
    """Return the kilobytes of nbtrail's scripts that JupyterLab loads by itself."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("?")[0]))
    load(page, url)
    page.wait_for_load_state("networkidle")
    ours = [one for one in asked if "/extensions/nbtrail/" in one]
    sizes = [
        len(gzip.compress(urllib.request.urlopen(f"{one}?token={TOKEN}").read())) for one in ours
    ]
    return round(sum(sizes) / 1000, 1)


def opened(page: Page, url: str, experiment: str, view: str, lines: int) -> float:
    """Return the seconds from the choice of a view until its lines are drawn."""
    compare(page, url, experiment, "table")
    begun = time.perf_counter()
    page.get_by_role("tab", name=view.capitalize(), exact=True).click()
    page.wait_for_function(DRAWN, arg=lines, polling=20)
    return time.perf_counter() - begun


def scrolled(page: Page, url: str, experiment: str) -> list[float]:
    """Return the milliseconds of script of each step, in order of size."""
    compare(page, url, experiment, "table", limit=ROWS)
    taken: list[float] = page.evaluate(SCROLL, SCROLLS)
    return taken


def compare(page: Page, url: str, experiment: str, view: str, **more: int) -> None:
    """Open a comparison of an experiment's runs."""
    state = {"experiment_ids": [experiment], "view": view, **more}
    load(page, url, nbtrail=f"compare:{json.dumps(state)}")
    page.get_by_test_id("nbtrail-compare-run").first.wait_for()


def load(page: Page, url: str, **query: str) -> None:
    page.goto(f"{url}/lab?{urlencode({'token': TOKEN, 'reset': '', **query})}")
    page.locator("#jupyterlab-splash").wait_for(state="detached")


@contextmanager
def a_page() -> Iterator[Page]:
    """Open a tab of the distribution's Chromium."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=ARGS) as browser,
        browser.new_page(viewport={"width": 1400, "height": 1000}) as page,
    ):
        page.set_default_timeout(120_000)
        yield page


@contextmanager
def running(root: Path) -> Iterator[str]:
    """Run a JupyterLab over a directory, and return where it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={root}"),
        *(f"--IdentityProvider.token={TOKEN}", f"--LabApp.workspaces_dir={root / 'workspaces'}"),
        f"--LabApp.user_settings_dir={root / 'settings'}",
    ]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=root, stdout=quiet, stderr=quiet) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError):
            urllib.request.urlopen(address)
            return
        time.sleep(0.1)
    raise SystemExit("JupyterLab did not start.")


if __name__ == "__main__":
    main()
