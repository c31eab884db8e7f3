"""``env: uv``: workers that import what their models have recorded, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbtrail import serving
from nbtrail.errors import EndpointError, InvalidValue
from nbtrail.models import MLmodel
from nbtrail.serving.supervision.environment import packages_of
from nbtrail.store import Store
from projects import wheels

TELLS = """
import importlib.util, sys
from importlib import metadata

class Tells:
    def predict(self, data):
        return [sys.prefix, metadata.version("six"), importlib.util.find_spec("sklearn") is None]

def _load_pyfunc(path):
    return Tells()
"""


def model(directory: Path, requirements: str | None, python: str | None = None) -> Path:
    (directory / "code").mkdir(parents=True)
    (directory / "code" / "tells_of_the_tests.py").write_text(TELLS)
    known: dict[str, Any] = {"loader_module": "tells_of_the_tests", "code": "code"}
    known |= {"python_version": python} if python else {}
    MLmodel(flavors={"python_function": known}).write(directory)
    if requirements is not None:
        (directory / "requirements.txt").write_text(requirements)
    return directory


def test_what_is_installed(tmp_path: Path) -> None:
    text = "# theirs\nb==2  # as it was\n\nnbtrail==0.1\na[x]==1; python_version > '3'\n"
    found = packages_of([model(tmp_path / "1", text, "3.12.4"), model(tmp_path / "2", "b==2\n")])
    theirs, ours = found.lines[:2], found.lines[2:]
    assert theirs == ("a[x]==1; python_version > '3'", "b==2")
    assert {"uvicorn>=0.30", "msgspec>=0.19"} <= set(ours)
    assert (found.python, found.complete) == ("3.12", False)


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        (None, "recorded no requirements"),
        ("-e .", "no package of an index"),
        ("--index-url http://elsewhere", "no package of an index"),
        ("./a.whl", "no package of an index"),
    ],
)
def test_what_cannot_be_installed_is_told_before_anything_starts(
    endpoints: Store, tmp_path: Path, requirements: str | None, said: str
) -> None:
    with pytest.raises(InvalidValue, match=said):
        serving.deploy(model(tmp_path / "m", requirements), "m", store=endpoints, env="uv")
    assert serving.list_endpoints(endpoints) == []


def test_models_of_two_pythons_share_no_environment(tmp_path: Path) -> None:
    both = [model(tmp_path / "1", "six", "3.11.1"), model(tmp_path / "2", "six", "3.12.0")]
    with pytest.raises(InvalidValue, match=r"Python 3\.11 and 3\.12 cannot share"):
        packages_of(both)


def test_no_uv_is_told(endpoints: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    with pytest.raises(InvalidValue, match="pip install uv"):
        serving.deploy(model(tmp_path / "m", "six"), "m", store=endpoints, env="uv")


def test_what_uv_does_not_find_fails_the_endpoint(
    endpoints: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    there = model(tmp_path / "m", "no-such-package-of-the-tests==1")
    with pytest.raises(EndpointError, match="cannot be installed here"):
        serving.deploy(there, "m", store=endpoints, env="uv")
    assert serving.get_endpoint("m", endpoints).state == "failed"


@pytest.mark.full  # it installs pandas
def test_the_worker_has_the_packages_of_its_model(
    endpoints: Store, workdir: Path, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "cloudpickle msgspec pandas psutil PyYAML starlette uvicorn".split()
    packed = wheels.offer(workdir, monkeypatch, "six", *own)
    monkeypatch.setenv("UV_NO_INDEX", "1")
    there = model(workdir / "m", f"six=={packed['six']}\n")
    one = serving.deploy(there, "m", store=endpoints, env="uv")
    status, answer = call(one, "/invocations", {"inputs": [1]})
    prefix, *told = answer["predictions"]
    assert (status, told) == (200, [packed["six"], True])
    assert Path(prefix).is_relative_to(workdir / "kept")

    two = serving.update("m", endpoints, workers=2)  # it is there by now
    assert two.revision == 2
    local = serving.update("m", endpoints, env="local")
    assert call(local, "/invocations", {"inputs": [1]})[1]["predictions"][0] != prefix
