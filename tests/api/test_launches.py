"""Projects, environments and backends, as the panel's launch form asks for them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nbtrail.api import Context, Request, answer
from nbtrail.api.native import ROUTES
from nbtrail.projects.background import jobs
from nbtrail.projects.background.supervisor import Supervisor
from nbtrail.store import Store, open_store
from projects.conftest import TINY, git

Ask = Callable[..., tuple[int, Any]]
SPACE = {"x": "1,2"}
SWEEP = {"parameters": SPACE, "metric": "loss", "direction": "min", "sampler": "grid"}


@pytest.fixture
def root(workdir: Path) -> Path:
    """Return the server's root, with a project and its repository."""
    root = workdir / "root"
    shutil.copytree(TINY, root / "work" / "tiny")
    git(root / "work", "init")
    git(root / "work", "add", ".")
    git(root / "work", "commit", "-m", "one")
    return root


@pytest.fixture
def store(root: Path) -> Store:
    return open_store(root / ".nbtrail")


@pytest.fixture
def ask(root: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(jobs, "wake", lambda _store: None)
    context = Context(str(root / ".nbtrail"), "/base/", root)

    def send(path: str, body: object, method: str = "POST") -> tuple[int, Any]:
        match = ROUTES.match(method, path)
        response = answer(
            match.route.handler, context, Request(match.arguments, "", msgspec.json.encode(body))
        )
        return response.status, msgspec.json.decode(response.body)

    return send


def test_a_project_is_described_launched_and_swept(ask: Ask, root: Path, store: Store) -> None:
    status, form = ask("projects/parameters", {"project": "work/tiny"})
    assert (status, form["path"], form["entry_points"], form["entry_point"]) == (
        200, "work/tiny", ["main"], "main"
    )  # fmt: skip
    assert [(one["name"], one["type"], one["default"]) for one in form["parameters"]] == [
        ("x", "float", "1"),
        ("mode", "string", "plain"),
    ]
    launch = {"project": "work/tiny", "parameters": {"x": "3"}, "timeout": 60}
    status, made = ask("jobs", launch)
    assert (status, made["job"]["kind"], made["job"]["target"]) == (202, "project", "work/tiny")
    repository = f"{(root / 'work').as_uri()}#tiny"
    status, swept = ask("sweeps", {"project": repository, "backend": {"name": "local"}, **SWEEP})
    assert (status, swept["job"]["kind"], swept["job"]["target"]) == (202, "sweep", repository)
    Supervisor(store, slots=2).run()
    listed = ask("jobs", None, "GET")[1]["jobs"]
    assert [(one["state"], one["outcome"]) for one in listed] == [
        ("finished", "best loss 1"),
        ("finished", None),
    ]


def test_a_schedule_of_a_project(ask: Ask) -> None:
    status, made = ask("schedules", {"project": "work/tiny", "cron": "0 7 * * *", "env": "uv"})
    assert (status, made["schedule"]["target"]) == (201, "work/tiny")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("jobs", {}, "Name a notebook or a project"),
        ("jobs", {"notebook": "a.ipynb", "project": "work"}, "and not both"),
        ("jobs", {"notebook": "a.ipynb", "version": "v1"}, "Only a project has a version"),
        ("jobs", {"project": "../tiny"}, "not a path below the server's root"),
        ("jobs", {"project": "/etc"}, "not a path below the server's root"),
        ("jobs", {"project": "work/tny"}, "Did you mean 'tiny'"),
        ("jobs", {"project": "work/tiny", "entry_point": "mian"}, "Did you mean 'main'"),
        ("jobs", {"project": "work/tiny", "grid": {"x": [1, 2]}}, "Only a notebook is run over"),
        ("jobs", {"project": "work/tiny", "env": "cnda"}, "cnda"),
        ("jobs", {"project": "work/tiny", "backend": {"name": "slrm"}}, "Did you mean 'slurm'"),
        ("jobs", {"project": "work/tiny", "version": "-x"}, "'-x' is no commit"),
        ("jobs", {"project": "ext::sh -c id"}, "There is no folder"),
        ("sweeps", {"project": "work", **SWEEP}, "no entry point 'main'"),
        ("sweeps", {"project": "work/tiny", "backend": {"name": "dask", "a": 1}, **SWEEP}, "'a'"),
        ("projects/parameters", {"project": "--upload-pack=id"}, "There is no folder"),
        ("projects/parameters", {"notebook": "work/tiny/a.ipynb"}, "no notebook"),
    ],
)
def test_what_cannot_be_launched(ask: Ask, path: str, body: object, said: str) -> None:
    status, answered = ask(path, body)
    assert status in {400, 404}
    assert said in answered["message"]
    assert ask("jobs", None, "GET")[1]["jobs"] == []


def test_where_something_can_be_executed(ask: Ask) -> None:
    status, told = ask("backends", {}, "GET")
    known = {one["name"]: one for one in told["backends"]}
    assert (status, known["local"]["options"]) == (200, [])
    assert known["dask"]["options"][0]["name"] == "scheduler"
