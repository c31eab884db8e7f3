"""A real JupyterLab on a free port, over a directory of its own, in a real browser."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from nbtrail.store import Store, open_store

from .accessibility import violations

ROOT = Path(__file__).parents[2]
TOKEN = "browser"
QUIET = {"fetchNews": "false", "checkForUpdates": False}
PORTS = range(20_000, 30_000)  # of those that nobody is given who asks for any
_ports = [random.choice(PORTS)]
PATIENCE = 60_000  # milliseconds until what is waited for is missing, on a busy machine, too
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

    def reset(self) -> None:
        """Make it as it was at its start: no runs, and the settings of a new user."""
        for run in self.store.runs.search()[0]:
            self.store.runs.delete(run.info.run_id)
        _write_settings(self.root)

    def address(self, notebook: str = "") -> str:
        """Return the URL of an empty workspace, or one with a notebook opened."""
        path = f"lab/tree/{notebook}" if notebook else "lab"
        return f"{self.url}/{path}?token={TOKEN}&reset"


StartLab = Callable[..., Lab]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try again what fails in a browser: on a busy machine, JupyterLab loses a click or a key."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture
def start_lab(workdir: Path) -> Iterator[StartLab]:
    """Return a function that starts a JupyterLab over `workdir` with the example notebooks."""
    with ExitStack() as running:
        yield lambda *options: running.enter_context(run_lab(workdir, *options))


@pytest.fixture
def lab(start_lab: StartLab) -> Lab:
    """Start a JupyterLab as a user would."""
    return start_lab()


@pytest.fixture(scope="module")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start one JupyterLab for all tests of a file: it takes seconds to start."""
    with run_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def shared_lab(running_lab: Lab) -> Iterator[Lab]:
    """Return the file's JupyterLab, and leave it to the next test as if it were new."""
    yield running_lab
    running_lab.reset()


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where Chromium keeps compiled scripts: without them a load takes three times as long.

    They are those of an address, which all JupyterLabs of this process therefore have in turn.
    """
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def browser(profile: Path) -> Iterator[BrowserContext]:
    """Start the distribution's Chromium: the browsers of playwright itself need a download.

    It ends with the file's last test, and playwright's event loop with it: the tests of the
    Jupyter server, which may come next in this process, have loops of their own.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.fail("The browser tests need Chromium: install your distribution's 'chromium'.")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            args=CHROMIUM_ARGS,
            viewport={"width": 1400, "height": 1000},
        ) as context,
    ):
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield context


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """Open a tab of its own, with nothing stored from another test."""
    browser.set_storage_state({"cookies": [], "origins": []})
    with browser.new_page() as page:
        yield page


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], Path]:
    """Return a function that keeps what the page shows now among the test outputs.

    What is worth a picture must also be there for those who do not see it.
    """
    directory = ROOT / "test-output"
    directory.mkdir(exist_ok=True)

    def take(name: str) -> Path:
        path = directory / f"{name}.png"
        page.screenshot(path=path)
        assert violations(page) == []
        return path

    return take


@contextmanager
def run_lab(root: Path, *options: str, module: str = "jupyterlab") -> Iterator[Lab]:
    """Run a JupyterLab over a directory of its own, with the example notebooks in it.

    `module` may be ``notebook`` for a Jupyter Notebook instead.
    """
    shutil.copytree(ROOT / "notebooks", root, dirs_exist_ok=True)
    lab = Lab(f"http://127.0.0.1:{_free_port()}", root)
    process = _spawn(module, lab, options)
    try:
        _wait_until_it_answers(process, lab)
        yield lab
    finally:
        _stop(process, lab)


def _free_port() -> int:
    """Return the port of the JupyterLab before, if it is free again, else another."""
    while not _is_free(_ports[-1]):
        _ports.append(random.choice(PORTS))
    return _ports[-1]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _write_settings(root: Path) -> None:
    """Write the settings of somebody who has chosen nothing but to be left in peace."""
    settings = root / ".lab" / "settings"
    shutil.rmtree(settings, ignore_errors=True)
    notifications = settings / "@jupyterlab" / "apputils-extension"
    notifications.mkdir(parents=True)
    (notifications / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))


def _spawn(module: str, lab: Lab, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    _write_settings(lab.root)
    own = lab.root / ".lab"
    command = [
        *(sys.executable, "-m", module, "--no-browser", "--allow-root"),
        f"--port={lab.url.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={lab.root}",
        f"--IdentityProvider.token={TOKEN}",
        f"--LabServerApp.workspaces_dir={own / 'workspaces'}",
        f"--LabServerApp.user_settings_dir={own / 'settings'}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",
        "--KernelManager.transport=ipc",  # a port may be another test's before the kernel has it
        *options,
    ]
    with (own / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=lab.root, env=os.environ, stdout=log, stderr=log)


def _stop(process: subprocess.Popen[bytes], lab: Lab) -> None:
    """End JupyterLab as Ctrl+C does; one that goes on answering is a failure.

    One that answers no more may still wait for a thread that anyio left behind when a request for
    a file was cut off: nothing of ours. Neither must stay behind.
    """
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        answers = _answers(lab)
        process.kill()
        process.wait()
        if answers:
            pytest.fail("JupyterLab did not stop when it was told to.")


def _answers(lab: Lab) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"{lab.url}/api/status?token={TOKEN}", timeout=30)
        return True
    return False


def _wait_until_it_answers(process: subprocess.Popen[bytes], lab: Lab) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(lab):
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{(lab.root / '.lab' / 'log').read_text()}")
