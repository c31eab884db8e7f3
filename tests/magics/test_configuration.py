"""What a profile of IPython and a pyproject.toml configure, in a real kernel and a real shell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from recorder.kernel import Notebook, params

from .test_track import text

PROFILE = """
c.InteractiveShellApp.extensions = ["nbtrail"]
c.NbTrail.experiment = "from the profile"
c.NbTrail.metric_words = ["Quality"]
"""
Start = Callable[..., Notebook]


@pytest.fixture
def profile(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration file of a user's IPython."""
    folder = tmp_path_factory.mktemp("ipython")
    monkeypatch.setenv("IPYTHONDIR", str(folder))
    (folder / "profile_default").mkdir()
    return folder / "profile_default" / "ipython_config.py"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a kernel beside a pyproject.toml with this [tool.nbtrail]."""
    with ExitStack() as stack:

        def start(settings: str = "") -> Notebook:
            (tmp_path / "pyproject.toml").write_text(settings)
            (tmp_path / "below").mkdir()
            notebook = Notebook(tmp_path / "below")
            stack.callback(notebook.close)
            return notebook

        yield start


def test_a_profile_loads_it_for_all_notebooks(profile: Path, start: Start) -> None:
    profile.write_text(PROFILE)
    notebook = start()
    notebook.run("a", "speed = 1.0 / 2; quality = 1.0 / 4")
    (run,) = notebook.runs
    assert run.data.metrics == {"quality": 0.25}
    assert notebook.store.experiments.get(run.info.experiment_id).name == "from the profile"


def test_a_profile_keeps_it_quiet_until_on(profile: Path, start: Start) -> None:
    profile.write_text(PROFILE + "c.NbTrail.auto = False\nc.NbTrail.autolog = False")
    notebook = start()
    notebook.run("a", "acc = 1.0 / 2")
    assert not (notebook.folder / ".nbtrail").exists()
    notebook.run("b", "%track on")
    notebook.run("c", "from sklearn.dummy import DummyClassifier as D; D().fit([[1]], [1])")
    assert not (notebook.folder / ".nbtrail").exists()
    notebook.run("d", "acc = 1.0 / 2")
    assert notebook.runs[0].data.metrics == {"acc": 0.5}


SETTINGS = """
[tool.nbtrail]
experiment = "from the project"
quiet = true
metric-words = ["speed"]
params = ["n"]
ignore = ["seed"]
autolog_options = {log_models = false}
"""


def test_a_project_overrules_the_profile(profile: Path, start: Start) -> None:
    profile.write_text(PROFILE)
    notebook = start(SETTINGS)
    notebook.run("a", "seed = 1\nlr = 0.5\nn = len('abc')")
    said = notebook.run("b", "speed = seed * lr * n")
    assert text(said).startswith("nbtrail records in")  # the store's place, and no more
    (run,) = notebook.runs
    assert run.data.metrics == {"speed": 1.5}
    assert params(run) == {"lr": "0.5", "n": "3"}
    assert notebook.store.experiments.get(run.info.experiment_id).name == "from the project"


MISTAKES = """
[tool.nbtrail]
metricwords = ["speed"]
auto = "perhaps"
autolog_options = {log_model = false}
"""


def test_mistakes_are_told_and_left_out(start: Start) -> None:
    notebook = start(MISTAKES)
    said = text(notebook.run("a", "%load_ext nbtrail"))
    assert "pyproject.toml has no 'metricwords'. Did you mean 'metric_words'?" in said
    assert "'auto' of [tool.nbtrail] in" in said
    assert "autolog_options: nbtrail.autolog has no argument 'log_model'" in said
    notebook.run("b", "acc = 1.0 / 2")
    assert notebook.runs[0].data.metrics == {"acc": 0.5}


def test_a_broken_file_is_told(start: Start) -> None:
    said = text(start("[tool.nbtrail\n").run("a", "%load_ext nbtrail"))
    assert "pyproject.toml cannot be read" in said


def test_a_terminal_takes_the_same_profile(profile: Path, tmp_path: Path) -> None:
    profile.write_text(PROFILE)
    lines = "quality = 1.0 / 4\n%track note it's a first look\n%track show\nexit\n"
    shell = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner"]
    shown = subprocess.run(
        shell, input=lines, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "Noted on" in shown
    assert "note: it's a first look" in shown
    assert "quality = 0.25" in shown


def test_a_running_kernel_takes_quiet_and_words_by_config(start: Start) -> None:
    notebook = start()
    notebook.run("load", "%load_ext nbtrail")
    notebook.run("config", "%config NbTrail.quiet = True")
    notebook.run("words", "%config NbTrail.metric_words = ['Quality']")
    assert "acc=" not in text(notebook.run("a", "quality = 1.0 / 4; acc = 1.0 / 2"))
    assert notebook.runs[0].data.metrics == {"acc": 0.5, "quality": 0.25}
    notebook.run("config", "%config NbTrail.quiet = False")
    assert "acc=" in text(notebook.run("b", "acc = 1.0 / 4"))
