"""Runs of real kernels, executed once more by papermill, and what came of that."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nbtrail
from nbtrail import projects
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Attempt, Reproduction, Run
from nbtrail.errors import ExecutionFailed, InvalidState, InvalidValue, NotFound, StoreError
from nbtrail.projects.reproduction.attempts import DETAILS, ORIGINAL
from nbtrail.projects.reproduction.originals import plan_of
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.trail.reproduction import reproduction_text
from projects import wheels
from recorder.kernel import Notebook, params

LOAD = ("load", "%load_ext nbtrail")


def executed(folder: Path, *cells: tuple[str, str]) -> tuple[Store, list[Run]]:
    """Execute cells one by one in a kernel; return what they have recorded."""
    book = Notebook(folder)
    for cell_id, source in (LOAD, *cells):
        book.run(cell_id, source)
    runs = book.runs
    book.close()
    return book.store, runs


def again(store: Store, run: Run, **options: object) -> Reproduction:
    return nbtrail.reproduce(run, store=store, progress=False, **options)  # type: ignore[arg-type]


def tags(store: Store, run_id: str) -> dict[str, str]:
    return store.runs.get(run_id).data.tags


TRACES = [
    ("first", "lr = 0.5\nacc = lr * 1"),  # the run before: its cell is edited
    ("imports", "import nbtrail, numpy as np, time"),
    ("seed", "np.random.seed(3)"),
    ("noise", "x = np.random.rand(10) * len(open('numbers.txt').read())"),
    ("first", "lr = 0.1\nacc = lr * 1"),
    ("data", "nbtrail.log_input(nbtrail.data.from_file('numbers.txt'))"),
    ("train", "%%time\nfor i in range(3):\n    nbtrail.log_metric('loss', lr / (i + 1), i)"),
    (
        "judge",
        "score = float(np.median(x)) * lr\nnbtrail.log_dict({'x': list(x)}, 'x.json')\nscore",
    ),
]


def test_a_run_with_all_its_traces_comes_out_identical(workdir: Path) -> None:
    Path("numbers.txt").write_text("1 2 3")
    store, (_, run) = executed(workdir, *TRACES)
    assert run.data.metrics.keys() == {"acc", "loss", "score"}
    found = again(store, run)

    assert found == Reproduction(
        run.info.run_id, "identical", [Attempt(found.attempts[0].run_id, "identical")]
    )
    new = store.runs.get(found.attempts[0].run_id)
    assert new.info.status == "FINISHED"
    assert new.info.experiment_id == run.info.experiment_id
    assert params(new) == params(run)
    assert new.data.tags[ORIGINAL] == run.info.run_id
    searched, _ = store.runs.search(filter_string="tags.`nbtrail.reproduction` = 'identical'")
    assert [one.info.run_id for one in searched] == [run.info.run_id]
    kept = store.contexts.get(new.info.run_id)[DETAILS]
    assert kept["outcome"] == "identical"

    Path("numbers.txt").write_text("1 2 4")
    found = again(store, run)
    assert found.outcome == "diverged"
    assert [(one.kind, one.key, one.cell_id) for one in found.attempts[0].differences] == [
        ("data", "numbers.txt (read)", "noise"),
        ("data", "numbers.txt", "data"),
    ]
    assert "numbers.txt has changed since the run" in found.notes[0]


def test_where_a_run_diverges_is_told_and_so_is_each_time(workdir: Path) -> None:
    store, (run,) = executed(
        workdir,
        ("imports", "import numpy as np"),
        ("draw", "x = np.random.rand(100)"),
        ("double", "y = x * 2"),
        ("judge", "loss = float(y.mean())"),
    )
    found = again(store, run, repeat=2)
    assert found.outcome == "diverged"
    assert len({attempt.run_id for attempt in found.attempts}) == 2
    for attempt in found.attempts:
        (difference,) = attempt.differences
        assert (difference.key, difference.cell, difference.cause) == ("loss", 3, "x")
        assert difference.reproduced == store.runs.get(attempt.run_id).data.metrics["loss"]
    assert tags(store, run.info.run_id)["nbtrail.reproduction"] == "diverged"
    lines = reproduction_text(found).splitlines()
    assert lines[0] == "diverged, the worst of 2 times"
    assert lines[2].startswith("First in cell 3 (draw): `x` stands for something else; loss was")


def test_a_notebook_that_needs_another_order_could_not_run(workdir: Path) -> None:
    store, (run,) = executed(
        workdir, ("judge", "score = k / 10"), ("set", "k = 5.0"), ("judge", "score = k / 10")
    )
    found = again(store, run)
    (attempt,) = found.attempts
    assert (found.outcome, attempt.differences) == ("could not run", [])
    assert "stopped in cell 2 (NameError: name 'k' is not defined)." in (attempt.reason or "")
    assert store.runs.get(attempt.run_id).info.status == "FAILED"
    assert tags(store, run.info.run_id)["nbtrail.reproduction"] == "could not run"
    assert reproduction_text(found).splitlines()[0] == f"could not run  (run {attempt.run_id[:8]})"


def test_a_run_that_a_cell_opens_by_itself_is_found_again(workdir: Path) -> None:
    store, runs = executed(
        workdir,
        ("one", "%%track one -m acc\nlr = 0.1\nacc = lr * 2"),
        ("two", "%%track two -m acc\nlr = 0.2\nacc = lr * 2"),
    )
    found = again(store, runs[0])
    assert found.outcome == "identical"
    new = store.runs.get(found.attempts[0].run_id)
    assert new.info.run_name == "one"
    assert new.data.tags[ORIGINAL] == runs[0].info.run_id


def test_of_the_runs_of_one_cell_the_right_one_is_compared(workdir: Path) -> None:
    store, runs = executed(
        workdir,
        ("imports", "import nbtrail"),
        ("sweep", "for lr in (0.1, 0.2, 0.3):\n    with nbtrail.start_run():\n"
                  "        nbtrail.log_params({'lr': lr, 'steps': 3})\n"
                  "        nbtrail.log_metric('loss', lr * 2)"),
    )  # fmt: skip
    found = again(store, runs[1])
    assert found.outcome == "identical"
    assert store.runs.get(found.attempts[0].run_id).data.params["lr"] == "0.2"


def test_a_failed_run_with_given_params_fails_again(write, store: Store) -> None:
    path = write(("lr = 0.1", ["parameters"]), "acc = lr * 2", "1 / 0")
    with pytest.raises(ExecutionFailed) as failed:
        projects.run_notebook(path, {"lr": 0.3}, store=store, progress=False)
    run = store.runs.get(failed.value.run_id)
    found = again(store, run)
    assert found.outcome == "identical"
    new = store.runs.get(found.attempts[0].run_id)
    assert params(new, "injected") == {"lr": "0.3"}
    assert new.data.metrics == {"acc": 0.6}


# The recorded packages

SMALL = "from importlib.metadata import distributions\nsize_score = len({*distributions()}) * 1.0"


@pytest.fixture
def index(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Let uv have nothing but what a kernel needs, from this machine; return the versions."""
    return wheels.offer(workdir, monkeypatch, "ipykernel", "msgspec")


def with_packages(store: Store, run: Run, packages: dict[str, str]) -> Run:
    """Say that a run had these packages."""
    context = Context.of({"packages": Document.of({"packages": packages})})
    store.contexts.put(run.info.run_id, context)
    return run


def test_the_recorded_packages_are_those_that_are_executed_with(
    workdir: Path, index: dict[str, str]
) -> None:
    store, (run,) = executed(workdir, ("size", SMALL))
    found = again(store, with_packages(store, run, index), env="recorded")
    (attempt,) = found.attempts
    (difference,) = attempt.differences
    assert difference.reproduced == len({*index, "nbtrail"})
    assert store.runs.get(attempt.run_id).info.status == "FINISHED"
    context = store.contexts.get(run.info.run_id)
    assert store.contexts.get(attempt.run_id)["packages"] == context["packages"]
    assert found.notes == []
    assert len(list((workdir / "kept" / "nbtrail" / "environments").iterdir())) == 1


def test_packages_that_cannot_be_had_are_a_sentence(store: Store, index: dict[str, str]) -> None:
    run = with_packages(store, with_trail(store), {**index, "msgspec": "0.0.1"})
    with pytest.raises(StoreError, match=r"cannot be installed here: uv says '.*msgspec==0\.0\.1"):
        again(store, run, env="recorded")


# What there is to execute


def with_trail(store: Store, source: str = "score = 1.0 * 1") -> Run:
    """Make a run of one cell by hand."""
    with nbtrail.start_run() as run:
        nbtrail.log_metric("score", 1.0)
    session = store.trails.start_session(0, None, None).session_id
    one = store.trails.begin(session, 0, "a", source, 0)
    store.trails.attach(run.run_id, [one], "own")
    store.drain()
    return store.runs.get(run.run_id)


def without_trail(store: Store, path: Path, **git: object) -> Run:
    """Make a run of a notebook that no recorder has seen, in a repository or not."""
    experiment = store.experiments.ensure("plain").experiment_id
    run = store.runs.create(experiment, "plain", "explicit", str(path), {}, "me")
    if git:
        store.contexts.put(run.info.run_id, Context.of({"git": Document.of(git)}))
    store.runs.end(run.info.run_id, "FINISHED")
    return run


def committed(path: Path) -> str:
    """Commit a file to a repository in its folder; return the commit."""
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", path.name], [*author, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *command], cwd=path.parent, check=True)
    found = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=path.parent, text=True)
    return found.strip()


def test_without_a_trail_it_is_the_committed_notebook(write, store: Store) -> None:
    path = write("print('committed')")
    git = {"root": str(path.parent), "commit": committed(path), "changed": []}
    path.write_text("{}")
    plan = plan_of(store, without_trail(store, path, **git))
    assert [cell.source for cell in plan.notebook.cells] == ["# Training", "print('committed')"]
    assert plan.path == path
    with pytest.raises(InvalidValue, match="it has no trail, and no notebook of it"):
        plan_of(store, without_trail(store, path, **git | {"changed": [path.name]}))


def test_without_a_trail_it_is_the_notebook_that_was_executed(write, store: Store) -> None:
    path = write("print('executed')")
    run = without_trail(store, path)
    ArtifactRepository(run.info.artifact_uri).upload(path)
    shutil.rmtree(path.parent)
    plan = plan_of(store, run)
    assert [cell.source for cell in plan.notebook.cells] == ["# Training", "print('executed')"]
    assert plan.path == Path.cwd() / "train.ipynb"  # where it was there is nothing any more


def test_a_script_has_nothing_to_execute_again(store: Store) -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_metric("score", 1.0)
    with pytest.raises(InvalidValue, match="cannot be executed again: it has no trail"):
        again(store, store.runs.get(run.run_id))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"metrics": {"scroe": 0.1}}, "has no metric 'scroe'. Did you mean 'score'?"),
        ({"tolerance": -1}, "A tolerance is a number from 0, not -1."),
        ({"tolerance": float("nan")}, "A tolerance is a number from 0, not nan."),
        ({"repeat": 0}, "at least once, not 0 times."),
        ({"env": "conda"}, "The environment is 'current' or 'recorded', not 'conda'."),
        ({"env": "recorded"}, "installed by uv, which is not here."),
    ],
)
def test_mistakes_are_told_before_anything_is_executed(
    store: Store, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], sentence: str
) -> None:
    run = with_trail(store)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", "/nowhere/bin/python")
    with pytest.raises(InvalidValue, match=sentence.replace("?", r"\?")):
        again(store, run, **options)
    assert len(store.runs.search()[0]) == 1
    assert "nbtrail.reproduction" not in tags(store, run.info.run_id)


def test_a_run_must_be_there_and_have_ended(store: Store) -> None:
    with pytest.raises(NotFound):
        nbtrail.reproduce("0" * 32)
    with nbtrail.start_run() as run, pytest.raises(InvalidState, match="has not ended yet"):
        nbtrail.reproduce(run.run_id)
