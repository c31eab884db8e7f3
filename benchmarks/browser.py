"""The panel in a real browser: what it loads at the start, and how long its script works.

Run it with ``python -m benchmarks.browser``; it needs Chromium. Frames are not counted (they
depend on the graphics card): only the time from a click to what it shows, and the script's part.
"""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from benchmarks.panel import CURVES, POINTS
from nbtrail.entities import Metric, Param
from nbtrail.store import Store, open_store

ROWS = 10_000
SCROLLS = 60
TOKEN = "benchmark"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
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


def main() -> None:
    """Measure, and print a table."""
    with TemporaryDirectory() as folder, running(Path(folder)) as url, a_page() as page:
        many, curves = fill(open_store(Path(folder) / ".nbtrail"))
        print("| what | found | limit |\n| --- | --- | --- |")
        told("loaded when JupyterLab starts, gzipped", f"{at_start(page, url)} KB", "60 KB")
        seconds = opened(page, url, curves, "charts", CURVES)
        told(f"{CURVES} runs x {POINTS:,} points drawn", f"{seconds:.2f} s", "1.5 s")
        taken = scrolled(page, url, many)
        middle, worst = taken[len(taken) // 2], taken[-1]
        what = f"a scroll step of {ROWS:,} rows, script: median, worst"
        told(what, f"{middle:.1f} ms, {worst:.1f} ms", "16 ms")


def told(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def fill(store: Store) -> tuple[str, str]:
    """Return the experiments with many runs, and with long curves."""
    many = store.experiments.ensure("many").experiment_id
    for first in range(0, ROWS, 500):
        with store.transaction():
            for number in range(first, first + 500):
                run_id = store.runs.create(many).info.run_id
                store.runs.log_params(run_id, [Param("lr", str(number))])
                store.metrics.log(run_id, [Metric("loss", number / ROWS, 1, 0)])
                store.runs.end(run_id, "FINISHED")
    curves = store.experiments.ensure("curves").experiment_id
    for _ in range(CURVES):
        run_id = store.runs.create(curves).info.run_id
        store.metrics.log(run_id, [Metric("loss", 1 / (1 + n), n, n) for n in range(POINTS)])
        store.runs.end(run_id, "FINISHED")
    return many, curves


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
