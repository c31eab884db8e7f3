"""What every test stands on: a directory of its own, and nothing of the developer's set-up.

The fixtures of pytest-jupyter are imported only by the conftest of the tests that start a
Jupyter server: its autouse event loop would surround every plain test, and the browser's.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nbtrail import tracking
from nbtrail.store import Store, open_store
from nbtrail.store.store import close_stores
from nbtrail.tracking import sampler

ROOT = Path(__file__).parent.parent

# Where single tests take seconds: a browser, kernels, processes that load a model. `make test`
# starts with these, the longest first, so that at its end no worker still has a long file
# while the others have nothing left to do.
LONG = (
    "ui/",
    "test_demo.py",
    "test_docs.py",
    "test_collection.py",
    "serving/test_endpoints.py",
    "recorder/",
    "projects/",
    "cli/test_run.py",
    "server/test_scoring.py",
    "server/test_jobs.py",
    "autolog/",
    "test_notebooks.py",
    "magics/",
    "models/test_saving.py",
    "store/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, for xdist's ``--dist loadfile --no-loadscope-reorder``."""
    items.sort(key=lambda item: _turn(item.nodeid.removeprefix("tests/")))


def _turn(path: str) -> int:
    return next((turn for turn, long in enumerate(LONG) if path.startswith(long)), len(LONG))


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the developer's tracking variables and Jupyter settings, from child processes too."""
    home = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as runtime:
        for name in [name for name in os.environ if name.startswith(("NBTRAIL_", "MLFLOW_"))]:
            patch.delenv(name)
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("JUPYTER_CONFIG_DIR", str(home / "config"))
        patch.setenv("JUPYTER_DATA_DIR", str(home / "data"))
        patch.setenv("JUPYTER_RUNTIME_DIR", runtime)  # short: sockets of kernels are in it
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let tests interrupt their children: what a shell starts in the background ignores ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty directory, where the default store is then this test's own.

    No store, experiment or run stays current for the next test, and no file of a store open.
    """
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sampler.stop()
    tracking.process.__init__()
    tracking.place.__init__()
    close_stores(tmp_path)


@pytest.fixture
def store(workdir: Path) -> Store:
    """Open the store that everything in `workdir` finds by itself."""
    return open_store(workdir / ".nbtrail")


@pytest.fixture(scope="session")
def notebooks() -> Path:
    """Return the directory of the example notebooks."""
    return ROOT / "notebooks"
