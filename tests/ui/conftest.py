"""A real JupyterLab on a free port, over a directory of its own, in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from nbtrail.store import Store, open_store

ROOT = Path(__file__).parents[2]
TOKEN = "browser"
QUIET = {"fetchNews": "false", "checkForUpdates": False}
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it answers, and the directory that it serves."""

    url: str
    root: Path

    @property
    def store(self) -> Store:
        """The store that the panel shows and the kernels write."""
        return open_store(self.root / ".nbtrail")

    def address(self, notebook: str = "") -> str:
        """Return the URL of an empty workspace, or one with a notebook opened."""
        path = f"lab/tree/{notebook}" if notebook else "lab"
        return f"{self.url}/{path}?token={TOKEN}&reset"


StartLab = Callable[..., Lab]


@pytest.fixture
def start_lab(workdir: Path, notebooks: Path) -> Iterator[StartLab]:
    """Return a function that starts a JupyterLab over `workdir` with the example notebooks."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> Lab:
        shutil.copytree(notebooks, workdir, dirs_exist_ok=True)
        url = f"http://127.0.0.1:{_free_port()}"
        processes.append(_spawn(workdir, url, options))
        _wait_until_it_answers(processes[-1], url, workdir)
        return Lab(url, workdir)

    yield start
    for process in processes:
        _stop(process)


@pytest.fixture
def lab(start_lab: StartLab) -> Lab:
    """Start a JupyterLab as a user would."""
    return start_lab()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the distribution's Chromium: the browsers of playwright itself need a download.

    It ends with the file's last test, and playwright's event loop with it: the tests of the
    Jupyter server, which may come next in this process, have loops of their own.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.fail("The browser tests need Chromium: install your distribution's 'chromium'.")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a tab of its own, with nothing stored from another test."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], Path]:
    """Return a function that keeps what the page shows now among the test outputs."""
    directory = ROOT / "test-output"
    directory.mkdir(exist_ok=True)

    def take(name: str) -> Path:
        path = directory / f"{name}.png"
        page.screenshot(path=path)
        return path

    return take


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _spawn(root: Path, url: str, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    settings = root / ".lab" / "settings"
    notifications = settings / "@jupyterlab" / "apputils-extension"
    notifications.mkdir(parents=True)
    (notifications / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        f"--port={url.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={TOKEN}",
        f"--LabApp.workspaces_dir={root / '.lab' / 'workspaces'}",
        f"--LabApp.user_settings_dir={settings}",
        "--LabApp.extension_manager=readonly",
        *options,
    ]
    with (root / ".lab" / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=root, env=os.environ, stdout=log, stderr=log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End JupyterLab as Ctrl+C does; one that refuses is a failure, and must not stay behind."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail("JupyterLab did not stop when it was told to.")


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, root: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            urllib.request.urlopen(f"{url}/api/status?token={TOKEN}")
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{(root / '.lab' / 'log').read_text()}")
