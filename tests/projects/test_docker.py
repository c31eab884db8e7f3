"""Commands in containers. No engine is here: a program in its place does what one would outside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nbtrail.errors import ExecutionFailed, InvalidState, InvalidValue
from nbtrail.projects import prepare, run
from nbtrail.store import Store

PROJECT = """
name: boxed
docker_env:
  image: python:3.11
  volumes: ["./data:/data", "/srv/models:/models"]
  environment: [[MODE, "it's new"], GIVEN]
entry_points:
  main:
    parameters: {n: {type: int, default: 3}, note: {default: ""}}
    command: "python train.py {n} {note}"
"""
TRAIN = """
import os, sys
import nbtrail
print(*sys.argv[1:], os.environ["MODE"], os.environ.get("GIVEN"), os.getcwd())
nbtrail.log_metric("score", float(sys.argv[1]) / 2)
sys.exit(int(sys.argv[1]) == 13)
"""
DOCKER = """#!{python}
import os, sys
open({log!r}, "a").write(repr(sys.argv[1:]) + chr(10))
if sys.argv[1] == "run":
    options = [one for one in sys.argv[2:] if one.startswith("--")]
    image, *command = sys.argv[2 + len(options):]
    assert image == "python:3.11"
    given = [one.removeprefix("--env=") for one in options if one.startswith("--env=")]
    inside = {{"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}}
    for one in given:
        name, separator, value = one.partition("=")
        inside[name] = value if separator else os.environ.get(name, "")
    [folder] = [one.removeprefix("--workdir=") for one in options if one.startswith("--workdir=")]
    os.chdir(folder)
    os.execve("/bin/sh", ["/bin/sh", *command], inside)
"""


@pytest.fixture
def project(workdir: Path) -> Path:
    folder = workdir / "boxed project"
    folder.mkdir()
    (folder / "MLproject").write_text(PROJECT)
    (folder / "train.py").write_text(TRAIN)
    return folder


@pytest.fixture
def docker(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a docker on the path that notes its calls and executes outside; return its log."""
    log, place = workdir / "docker.log", workdir / "bin"
    place.mkdir()
    (place / "docker").write_text(DOCKER.format(python=sys.executable, log=str(log)))
    (place / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GIVEN", "from outside")
    monkeypatch.setenv("KEPT_BACK", "secret")
    return log


def test_a_command_in_a_container_logs_into_its_run(
    store: Store, project: Path, docker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = run(project, {"n": 5, "note": "$(id); 'x'"}, env="docker", store=store)
    assert (made.info.status, made.data.metrics["score"]) == ("FINISHED", 2.5)
    assert made.data.tags["mlflow.project.env"] == "docker"
    assert capsys.readouterr().out == f"5 $(id); 'x' it's new from outside {project}\n"
    called = docker.read_text()
    for option in (
        f"--volume={project}:{project}", f"--volume={store.directory}:{store.directory}",
        f"--volume={project / 'data'}:/data", "--volume=/srv/models:/models",
        f"--name=nbtrail-{made.info.run_id}", f"--env=NBTRAIL_RUN_ID={made.info.run_id}",
        "'--rm'", "'--env=GIVEN'",
    ):  # fmt: skip
        assert option in called
    assert "secret" not in called
    with pytest.raises(ExecutionFailed, match="exit status 1"):
        run(project, {"n": 13}, env="docker", store=store)
    assert "['kill', 'nbtrail-" in docker.read_text()


def test_the_command_is_shown_where_there_is_no_engine(
    store: Store, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project))
    shown = prepare(project, {"note": "a b"}, env="docker", store=store)
    assert "docker run --rm" in shown
    assert "python:3.11 -c 'python train.py 3 " in shown
    with pytest.raises(InvalidState, match="no docker here: install it"):
        run(project, env="docker", store=store)
    assert store.runs.search()[0] == []
    (project / "docker").write_text("#!/bin/sh\necho Cannot connect >&2\nexit 1\n")
    (project / "docker").chmod(0o755)
    with pytest.raises(InvalidState, match="engine is not there: Cannot connect"):
        run(project, env="docker", store=store)
    assert store.runs.search()[0] == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("python_env: env.yaml", "has no docker_env in its MLproject"),
        ("docker_env: x", "has the keys image, volumes"),
        ("docker_env: {imag: x}", "no 'imag'. Did you mean 'image'"),
        ("docker_env: {volumes: []}", "'None' cannot be the image"),
        ("docker_env: {image: --privileged}", "'--privileged' cannot be the image"),
        ("docker_env: {image: x, volumes: /a}", "volumes of a docker_env must be a list"),
        ("docker_env: {image: x, volumes: [/a]}", "written /outside:/inside, not '/a'"),
        ("docker_env: {image: x, environment: ['a b']}", "'a b' cannot name"),
        ("docker_env: {image: x, environment: [[A, b, c]]}", r"NAME or \[NAME, value\]"),
    ],
)
def test_a_mistake_is_one_sentence(store: Store, project: Path, said: str, sentence: str) -> None:
    (project / "MLproject").write_text(f"{said}\nentry_points: {{main: {{command: 'true'}}}}\n")
    with pytest.raises(InvalidValue, match=sentence):
        prepare(project, env="docker", store=store)
