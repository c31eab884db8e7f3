"""Backends by name: their options, those of a project, and those of plugins."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbtrail import projects
from nbtrail.errors import ExecutionFailed, InvalidState, InvalidValue
from nbtrail.projects import backends
from nbtrail.projects.backends import Assignment, described, made
from nbtrail.projects.mlprojects.mlproject import load
from nbtrail.store import Store
from projects import wheels
from projects.conftest import Write
from projects.trials import next_event, order

PLUGIN = """
from nbtrail.entities import Record
from nbtrail.projects.backends.processes import Processes

class Nice(Record, frozen=True):
    niceness: int = 1

    def reach(self):
        return 3

    def pool(self, assignment):
        return Processes(assignment, ["nice", "-n", str(self.niceness), *assignment.command()])
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install two distributions: a plugin that works, and one that does not."""
    info = tmp_path / "site" / "nice-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nice\nVersion: 1.0\n")
    named = "nice = nice_backend:Nice\nbroken = not_there:Backend\n"
    (info / "entry_points.txt").write_text(f"[nbtrail.backends]\n{named}")
    (tmp_path / "site" / "nice_backend.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path / "site")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("nicer", r"There is no backend 'nicer'\. Did you mean 'nice'\? There are: .*local, nice"),
        ({"name": "nice", "nicenes": 2}, r"no option 'nicenes'\. Did you mean 'niceness'\?"),
        ({"name": "nice", "niceness": "much"}, r"The backend nice: Expected `int`"),
        ({"name": "local", "x": 1}, r"The backend local has no option 'x'\. It has: none\."),
    ],
)
def test_what_is_no_backend_or_option_is_told(asked: Any, told: str, plugins: None) -> None:
    with pytest.raises(InvalidValue, match=told):
        made(backends.asked(asked, {}))
    with pytest.raises(InvalidState, match="The backend broken cannot be imported: ModuleNotFound"):
        made({"name": "broken"})


def test_a_plugin_executes_the_trials_of_a_sweep(
    workdir: Path, store: Store, plugins: None
) -> None:
    (workdir / "MLproject").write_text("backend:\n  nice: {niceness: 5}\n  local:\n")
    script = "import os, nbtrail\nnbtrail.log_metric('niceness', os.nice(0))\n"
    (workdir / "train.py").write_text(script)
    asked = {"metric": "niceness", "direction": "max", "parallel": 1, "store": store}
    found = projects.sweep(
        workdir, {"x": "1,2"}, entry_point="train.py", trials=1, backend="nice", **asked
    )
    assert [one.value for one in found.trials] == [5]
    again = projects.resume(found.run.info.run_id, trials=2, store=store)
    assert [one.value for one in again.trials] == [5, 5]


def test_one_run_by_a_backend(tiny: Path, store: Store, plugins: None) -> None:
    asked = {"backend": "nice", "store": store, "run_name": "one"}
    run = projects.run(tiny, {"x": 3}, **asked)
    assert (run.info.status, run.info.run_name, run.data.metrics["loss"]) == ("FINISHED", "one", 3)
    assert run.data.params == {"x": "3", "mode": "plain"}
    with pytest.raises(ExecutionFailed, match="tiny: exit status 1: no good") as failure:
        projects.run(tiny, {"x": 2, "mode": "fails"}, **asked)
    assert store.runs.info(failure.value.run_id).status == "FAILED"
    assert projects.prepare(tiny, **asked) == "tiny: backend nice, environment local"
    assert not list(store.directory.glob("run-*"))
    for option, value in {"track": False, "cache": True, "resume": "4ec1"}.items():
        with pytest.raises(InvalidValue, match="does not go with --backend"):
            projects.run(tiny, **asked, **{option: value})
    for option, value, message in (
        ("output", "a.ipynb", "only an executed notebook has a place for output"),
        ("env", "docker", "has no docker_env"),
        ("env", "venv", "The environment is local, uv, conda or docker"),
    ):
        with pytest.raises(InvalidValue, match=message):
            projects.run(tiny, **asked, **{option: value})
    with pytest.raises(InvalidValue, match="There is no backend 'nicer'"):
        projects.run(tiny, **asked | {"backend": "nicer"})


def test_environment_output_and_timeout_go_along(
    write: Write, workdir: Path, store: Store, plugins: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels.offer(workdir, monkeypatch, "ipykernel", "msgspec", "six")
    path = write(("x = 1", ["parameters"]), "import sys\nscore = float(len(sys.prefix) * x)")
    (path.parent / "requirements.txt").write_text("six")
    here = float(len(sys.prefix))
    asked: dict[str, Any] = {"backend": "nice", "store": store}
    run = projects.run(path, env="uv", output=workdir / "executed.ipynb", report=True, **asked)
    assert run.data.metrics["score"] not in {here, 0}
    cells = nbformat.read(workdir / "executed.ipynb", as_version=4).cells
    assert cells[-1].metadata["jupyter"]["source_hidden"]
    found = projects.sweep(
        path, {"x": "1,2"}, metric="score", direction="min", env="uv", store=store
    )
    assert found.best is not None
    assert found.best.value == run.data.metrics["score"]
    slow = write("import time\ntime.sleep(60)", name="slow.ipynb")
    with pytest.raises(ExecutionFailed, match="took longer than 1 s"):
        projects.run(slow, timeout=1, **asked)
    with pytest.raises(InvalidValue, match="only a command runs in a container"):
        projects.sweep(slow, {"x": "1,2"}, metric="m", direction="max", env="docker", store=store)


def test_a_process_that_finds_no_target_says_so(workdir: Path, store: Store) -> None:
    assignment = Assignment(store, "/no/where", None, 1, workdir / "log")
    with closing(made({"name": "local"}).pool(assignment)) as pool:
        pool.begin(1, order(1))
        told = next_event(pool).told
    assert (told.state, told.run_id) == ("failed", None)
    assert "There is no notebook or directory '/no/where'" in str(told.error)


def test_the_options_of_a_project_are_checked(workdir: Path) -> None:
    (workdir / "MLproject").write_text("backend: ssh\n")
    with pytest.raises(InvalidValue, match="'backend' must be names with values"):
        load(workdir)
    (workdir / "MLproject").write_text("backend: {ssh: gpu1}\n")
    with pytest.raises(InvalidValue, match="'backend ssh' must be names with values"):
        load(workdir)
    (workdir / "MLproject").write_text("backend: {nice: {a: 1, b: 2}}\n")
    declared = load(workdir).backends
    asked = {"name": "nice", "a": 3}
    assert backends.asked(asked, declared) == {"name": "nice", "a": 3, "b": 2}
    assert backends.asked(None, declared) == {"name": "local"}


def test_backends_and_their_options_are_described(plugins: None) -> None:
    known = {one.name: one for one in described()}
    assert {*known} >= {"broken", "dask", "jupyter", "local", "nice", "ray", "slurm", "ssh"}
    assert [(one.name, one.default) for one in known["nice"].options] == [("niceness", "1")]
    host = known["ssh"].options[0]
    assert (host.name, host.default, "user@host" in host.help) == ("host", None, True)
    assert "cannot be imported" in str(known["broken"].problem)
    for name in ("dask", "jupyter", "ray", "slurm", "ssh"):
        assert all(one.help for one in known[name].options)
