from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbtrail.models import flavors, load_model, load_native, save_model

PLUGIN = """
from nbtrail.models.flavors import Saved

NAME = "greeting"

def accepts(model):
    return isinstance(model, str)

def save(model, directory):
    (directory / "words.txt").write_text(model)
    return Saved({"file": "words.txt"}, {"loader_module": __name__}, ["click"])

def load(directory, config):
    return (directory / config["file"]).read_text()

def _load_pyfunc(path):
    from pathlib import Path
    return Greeter(load(Path(path), {"file": "words.txt"}))

class Greeter:
    def __init__(self, words):
        self.words = words
    def predict(self, data, params=None):
        return [f"{self.words}, {name}" for name in data]
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with two installed distributions: a plugin that works, and one that does not."""
    folder = tmp_path / "site"
    for name, module in (("good", "greeting_flavor"), ("bad", "not_there")):
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[nbtrail.flavor]\n{name} = {module}\n")
    (folder / "greeting_flavor.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(folder)
    flavors.installed.cache_clear()
    yield folder
    flavors.installed.cache_clear()


def test_a_plugin_adds_a_flavor_and_a_broken_one_takes_none_away(
    plugins: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert {"sklearn", "xgboost", "lightgbm", "greeting"} <= set(flavors.installed())
    assert "'not_there' cannot be imported" in caplog.text


def test_a_model_of_a_plugin_is_saved_and_loaded(plugins: Path, tmp_path: Path) -> None:
    about = save_model("Hello", tmp_path / "model")
    assert about.flavors["greeting"] == {"file": "words.txt"}
    assert load_native(tmp_path / "model") == "Hello"
    assert load_model(tmp_path / "model").predict(["you"]) == ["Hello, you"]
    requirements = (tmp_path / "model" / "requirements.txt").read_text()
    assert requirements.startswith("click==")


def test_built_in_flavors_do_not_load_their_framework() -> None:
    code = (
        "import sys; from nbtrail.models import flavors; flavors.installed(); "
        "flavors.in_directory({'sklearn': 1}).accepts(object()); "
        "print({'sklearn', 'skops', 'pandas', 'numpy', 'xgboost', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_which_flavor_reads_a_directory() -> None:
    found = flavors.in_directory({"python_function": {}, "sklearn": {}})
    assert found is not None
    assert found.NAME == "sklearn"
    assert flavors.in_directory({"python_function": {}}) is None
