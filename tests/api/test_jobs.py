"""What the routes of jobs and notebooks answer; the jobs here wait for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.api import Context, Request, answer
from nbtrail.api.native import ROUTES
from nbtrail.api.native.jobs import GridLaunch, JobJson, JobRunJson, Sweep
from nbtrail.entities import Document, DocumentCell
from nbtrail.projects.background import jobs
from nbtrail.projects.notebooks.forms import Form
from nbtrail.store import Store, open_store

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def root(workdir: Path) -> Path:
    """Return the server's root, with a notebook in a folder."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source = "lr = 0.1  # <b>rate</b>\nopt: Literal['adam', 'sgd'] = 'adam'"
    cell = new_code_cell(source, id="set", metadata={"tags": ["parameters"]})
    made = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    path = workdir / "root" / "work" / "train.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(made, path)
    return workdir / "root"


@pytest.fixture
def store(root: Path) -> Store:
    return open_store(root / ".nbtrail")


@pytest.fixture
def ask(root: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that asks a server whose jobs nobody starts."""
    monkeypatch.setattr(jobs, "wake", lambda _store: None)
    context = Context(str(root / ".nbtrail"), "/base/", root)

    def send(method: str, path: str, query: str = "", body: object = None) -> tuple[int, Any]:
        match = ROUTES.match(method, path)
        request = Request(match.arguments, query, msgspec.json.encode(body))
        response = answer(match.route.handler, context, request)
        return response.status, msgspec.json.decode(response.body)

    return send


def test_notebooks_are_listed_and_described(ask: Ask) -> None:
    status, found = ask("GET", "notebooks")
    assert (status, [one["path"] for one in found["notebooks"]], found["truncated"]) == (
        200, ["work/train.ipynb"], False
    )  # fmt: skip
    status, form = ask("GET", "notebooks/parameters", "path=work/train.ipynb")
    assert (status, form["path"], form["problem"]) == (200, "work/train.ipynb", None)
    assert form["parameters"][0] == {
        "name": "lr", "type": "float", "default": "0.1", "value": 0.1, "help": "<b>rate</b>",
        "choices": None,
    }  # fmt: skip
    assert form["parameters"][1]["choices"] == ["adam", "sgd"]
    assert form["cell"]["id"] == "set"


def test_a_launch_is_accepted_before_anything_runs(ask: Ask, store: Store, root: Path) -> None:
    launch = {"notebook": "work/train.ipynb", "grid": {"lr": [0.1, 1]}, "name": "🚀 <i>"}
    status, made = ask("POST", "jobs", body={**launch, "parallel": 1})
    assert (status, [one["parameters"] for one in made["runs"]]) == (
        202, [{"lr": 0.1}, {"lr": 1}]
    )  # fmt: skip
    assert made["job"] == {
        "job_id": "1", "kind": "notebook", "name": "🚀 <i>", "notebook": "work/train.ipynb",
        "target": None, "experiment": "train", "state": "queued", "stopping": False,
        "user": made["job"]["user"], "created": made["job"]["created"], "started": None,
        "ended": None, "error": None, "cells_done": 0, "cells_total": 0, "outcome": None,
        "parallel": 1,
        "counts": {"queued": 2, "running": 0, "finished": 0, "failed": 0, "stopped": 0},
    }  # fmt: skip
    assert store.jobs.get("1").notebook == str(root / "work" / "train.ipynb")
    assert ask("GET", "jobs/1") == (200, made)
    assert ask("GET", "jobs")[1] == {"jobs": [made["job"]], "more": False}


def test_a_sweep_is_accepted_and_a_mistake_names_its_field(ask: Ask, store: Store) -> None:
    sweep = {
        "notebook": "work/train.ipynb", "parameters": {"lr": "log:1e-4..1e-1", "opt": "adam"},
        "metric": "loss", "direction": "min", "trials": 12, "parallel": 2, "sampler": "random",
        "pruner": "median", "experiment": "tuning",
    }  # fmt: skip

    def refused(**change: object) -> tuple[str | None, str]:
        status, error = ask("POST", "sweeps", body=sweep | change)
        assert status == 400
        return error.get("parameter") or error.get("field"), error["message"]

    field, message = refused(parameters={"lr": "log:1..0.1"})
    assert (field, message.partition(":")[0]) == ("lr", "lr=log")
    assert refused(parameters={"lr": "0..1", "opt": "adm,sgd"})[0] == "opt"
    assert refused(parameters={"lr": "0..1", "rate": "1"})[0] == "rate"
    field, message = refused(sampler="tpa")
    assert (field, "Did you mean 'tpe'?" in message) == ("sampler", True)
    for name, given in {
        "metric": "", "direction": "up", "trials": 0, "parallel": 0, "pruner": "x",
        "timeout": "soon", "seed": -1,
    }.items():  # fmt: skip
        assert refused(**{name: given})[0] == name
    assert refused(sampler="cmaes")[0] == "sampler"
    assert refused(parameters={"lr": "0..1"}, sampler="grid")[0] == "lr"
    assert refused(parameters={"lr": "1"})[0] is None
    assert ask("GET", "jobs")[1]["jobs"] == []

    status, made = ask("POST", "sweeps", body=sweep)
    job, [run] = made["job"], made["runs"]
    assert (status, job["kind"], job["state"], job["name"]) == (
        202, "sweep", "queued", "train.ipynb"
    )  # fmt: skip
    assert (job["experiment"], run["parameters"]) == ("tuning", sweep["parameters"])
    asked = store.jobs.get(job["job_id"]).options["settings"]
    assert (asked["trials"], asked["pruner"], asked["sampler"]) == (12, "median", "random")


def test_without_a_store_there_are_no_jobs_and_a_launch_makes_one(ask: Ask, root: Path) -> None:
    assert ask("GET", "jobs") == (200, {"jobs": [], "more": False})
    assert ask("GET", "jobs/1")[0] == 404
    assert not (root / ".nbtrail").exists()
    assert ask("POST", "jobs", body={"notebook": "work/train.ipynb"})[0] == 202
    assert (root / ".nbtrail").exists()


def test_a_list_has_pieces_and_states(ask: Ask, store: Store) -> None:
    for _ in range(3):
        store.jobs.create("notebook", "n", [{}])
    ask("POST", "jobs/2/stop")
    _, found = ask("GET", "jobs", "max_results=2")
    assert ([one["job_id"] for one in found["jobs"]], found["more"]) == (["3", "2"], True)
    _, found = ask("GET", "jobs", "before=2")
    assert ([one["job_id"] for one in found["jobs"]], found["more"]) == (["1"], False)
    _, found = ask("GET", "jobs", "state=stopped&state=running")
    assert [one["job_id"] for one in found["jobs"]] == ["2"]


def test_a_job_is_stopped_and_tried_once_more(ask: Ask, store: Store) -> None:
    store.jobs.create("notebook", "n", [{}])
    assert ask("POST", "jobs/1/retry")[0] == 409
    status, stopped = ask("POST", "jobs/1/stop")
    assert (status, stopped["job"]["state"], stopped["runs"][0]["state"]) == (
        202, "stopped", "stopped"
    )  # fmt: skip
    assert ask("GET", "jobs/1/log") == (200, {"text": "", "offset": 0, "size": 0, "ended": True})
    assert ask("POST", "jobs/1/retry")[1]["job"]["state"] == "queued"


def test_a_log_is_read_from_an_offset(ask: Ask, store: Store) -> None:
    store.jobs.create("notebook", "n", [{}])
    jobs.log_path(store, "1").write_text("one\ntwo\n")
    assert ask("GET", "jobs/1/log", "offset=4")[1] == {
        "text": "two\n", "offset": 8, "size": 8, "ended": False
    }  # fmt: skip


LAUNCH = {"notebook": "work/train.ipynb"}


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("jobs", {"notebook": "work/trian.ipynb"}, 404, "Did you mean 'train.ipynb'"),
        ("jobs", {"notebook": "../x.ipynb"}, 400, "below the server's root"),
        ("jobs", {"notebook": ".hidden/x.ipynb"}, 404, "hidden"),
        ("jobs", {**LAUNCH, "parameters": {"l": 1}}, 400, "Did you mean 'lr'"),
        ("jobs", {**LAUNCH, "parameters": {"opt": "adm"}}, 400, "must be Literal"),
        ("jobs", {**LAUNCH, "grid": {"lr": "0.1"}}, 400, "grid"),
        ("jobs", {**LAUNCH, "grid": {"lr": []}}, 400, "no values for 'lr'"),
        ("jobs", {**LAUNCH, "parallel": 0}, 400, "parallel"),
        ("jobs", {**LAUNCH, "experiment": "x" * 501}, 400, "characters"),
        ("jobs", {**LAUNCH, "name": "x" * 501}, 400, "characters"),
        ("jobs", {**LAUNCH, "parametres": {}}, 400, "parametres"),
        ("jobs", [], 400, "cannot be used"),
        ("jobs/7/stop", None, 404, "There is no job 7"),
        ("jobs/x%2F..%2Fy/retry", None, 404, "There is no job"),
        ("runs/nosuch/rerun", {}, 404, "nosuch"),
        ("runs/nosuch/reproduce", {}, 404, "nosuch"),
        ("runs/nosuch/reproduce", {"env": "here"}, 400, "env"),
        ("runs/nosuch/notebook", {}, 404, "nosuch"),
    ],
)
def test_a_mistake_is_one_sentence_and_queues_nothing(
    ask: Ask, store: Store, path: str, body: object, status: int, message: str
) -> None:
    answered, told = ask("POST", path, body=body)
    assert (answered, message in told["message"]) == (status, True), told
    assert store.jobs.list() == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("path=nowhere", 404), ("path=..", 400), ("path=work/", 400), ("path=%00", 400),
        ("max_results=0", 400), ("pth=work", 400), ("path=.nbtrail", 404),
    ],
)  # fmt: skip
def test_a_list_of_notebooks_stays_below_the_root(ask: Ask, query: str, status: int) -> None:
    assert ask("GET", "notebooks", query)[0] == status


def test_a_server_without_files_says_so(root: Path) -> None:
    match = ROUTES.match("GET", "notebooks")
    response = answer(match.route.handler, Context(str(root / ".nbtrail")), Request())
    assert (response.status, b"shows no notebooks" in response.body) == (404, True)


@pytest.fixture
def run_id(store: Store, root: Path) -> str:
    """Record a run with a trail of one cell, as the recorder does."""
    notebook = str(root / "work" / "train.ipynb")
    made = store.runs.create(store.experiments.ensure("e").experiment_id, notebook=notebook)
    session = store.trails.start_session(1, notebook, "python3").session_id
    cell = store.trails.begin(session, 0, "set", "lr = 0.1", 1, ["parameters"])
    store.trails.end(
        cell, "ok", execution_count=1, duration=0.1, error=None, outputs=[], reads={},
        writes=["lr"], opaque=None,
    )  # fmt: skip
    run_id = made.info.run_id
    store.trails.attach(run_id, [cell], "own")
    cells = [DocumentCell("title", "markdown", "# Ünï"), DocumentCell("set", "code", "lr = 0.1")]
    store.trails.put_document(run_id, Document("live", cells))
    store.runs.end(run_id, "FINISHED")
    return run_id


def test_a_run_is_restored_as_a_notebook_over_nothing(ask: Ask, root: Path, run_id: str) -> None:
    name = f"work/train {run_id[:8]}.ipynb"
    assert ask("POST", f"runs/{run_id}/notebook", body={}) == (201, {"path": name})
    made = json.loads((root / name).read_text())
    assert [cell["source"] for cell in made["cells"]] == ["# Ünï", "lr = 0.1"]
    second = name.replace(".ipynb", " 2.ipynb")
    assert ask("POST", f"runs/{run_id}/notebook", body={}) == (201, {"path": second})
    before = (root / "work" / "train.ipynb").read_bytes()
    for path, status in {
        "work/train.ipynb": 400, "../x.ipynb": 400, "x.py": 400, "no/x.ipynb": 404
    }.items():  # fmt: skip
        assert ask("POST", f"runs/{run_id}/notebook", body={"path": path})[0] == status
    assert (root / "work" / "train.ipynb").read_bytes() == before


def test_a_rerun_and_a_reproduction_are_accepted(ask: Ask, run_id: str) -> None:
    form = ask("GET", f"runs/{run_id}/parameters")[1]
    assert [(one["name"], one["value"]) for one in form["parameters"]] == [("lr", 0.1)]
    status, made = ask("POST", f"runs/{run_id}/rerun", body={"parameters": {"lr": "2"}})
    job = made["job"]
    assert (status, job["kind"], job["target"], job["notebook"], job["experiment"]) == (
        202, "rerun", run_id, "work/train.ipynb", "e"
    )  # fmt: skip
    status, made = ask("POST", f"runs/{run_id}/reproduce", body={"repeat": 2})
    assert (status, made["job"]["kind"]) == (202, "reproduction")
    for path, body, message in (
        ("rerun", {"parameters": {"lrr": 1}}, "Did you mean 'lr'"),
        ("reproduce", {"repeat": 0}, "at least once"),
        ("reproduce", {"repeat": 10**6}, "at most 100"),
        ("reproduce", {"metrics": {"acc": 1}}, "no metric 'acc'"),
        ("reproduce", {"tolerance": -1}, "number from 0"),
    ):
        status, told = ask("POST", f"runs/{run_id}/{path}", body=body)
        assert (status, message in told["message"]) == (400, True), told


PAGE = (Path(__file__).parent.parent.parent / "docs" / "jobs.md").read_text()
EXAMPLES = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("number", "shape"), [(0, JobJson), (1, JobRunJson), (2, GridLaunch), (3, Sweep), (4, Form)]
)
def test_the_examples_of_the_page_have_the_right_shape(number: int, shape: type) -> None:
    example = json.loads(EXAMPLES[number])
    assert set(example) == {field.name for field in msgspec.structs.fields(shape)}
    msgspec.convert(example, shape)
    assert len(EXAMPLES) == 5
