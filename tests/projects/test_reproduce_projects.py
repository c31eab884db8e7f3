"""Runs of projects, executed once more in the files that they had, and what came of that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import nbtrail
from nbtrail import projects
from nbtrail.entities import Reproduction, Run
from nbtrail.errors import ExecutionFailed, InvalidValue, NotFound
from nbtrail.projects.reproduction.attempts import DETAILS, ORIGINAL
from nbtrail.store import Store, open_store
from nbtrail.trail.reproduction import reproduction_text

from .conftest import git

SCRIPT = """
import nbtrail
from pathlib import Path
print("run", nbtrail.active_run().info.run_id if nbtrail.active_run() else "", "below", Path.cwd())
shift = float(Path("shift").read_text()) if Path("shift").exists() else 0.0
with nbtrail.start_run() as run:
    for step in range(3):
        nbtrail.log_metric("loss", 1.0 / (step + 1) + shift * (step > 0), step=step)
    nbtrail.log_text(f"{run.info.run_id}: {0.5 + shift}", "result.txt")
assert shift < 9, "mind the gap"
"""


def again(store: Store, run: Run | Path, **options: object) -> Reproduction:
    return nbtrail.reproduce(run, store=store, progress=False, **options)  # type: ignore[arg-type]


@pytest.fixture
def script(workdir: Path) -> Path:
    """Make a folder with a script, which is in no repository."""
    folder = workdir / "plain"
    folder.mkdir()
    (folder / "main.py").write_text(SCRIPT)
    return folder


def commit(folder: Path, message: str = "more") -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-m", message)


def test_a_command_is_executed_in_the_files_that_it_had(repository: Path, store: Store) -> None:
    wine = repository / "projects" / "wine"
    (wine / "train.py").write_text(f"import helper\n{(wine / 'train.py').read_text()}")
    (wine / "wine.csv").write_text("1,2,3\n7,8,9\n")
    (wine / "helper.py").write_text("print('helped', __file__)")  # git does not know of it
    run = projects.run(wine, {"l1_ratio": 0.5, "note": "mine"}, store=store)
    assert run.data.metrics["mae"] == 3.0
    in_place = again(store, run)
    unknown = "Files that git does not know are taken as they are now: projects/wine/helper.py."
    assert (in_place.outcome, in_place.notes) == ("identical", [unknown])

    (wine / "wine.csv").write_text("1,2,3\n")
    git(repository, "rm", "-f", "-q", "projects/wine/train.py")
    git(repository, "commit", "-m", "no script any more")
    found = again(store, run)
    at = git(repository, "rev-parse", "HEAD~1")
    assert found.outcome == "identical"
    assert found.notes == [
        f"The project has changed since: it is executed at commit {at[:8]} with what was not "
        "committed.",
        unknown,
    ]
    new = store.runs.get(found.attempts[0].run_id)
    assert new.info.experiment_id == run.info.experiment_id
    assert new.data.metrics == run.data.metrics
    assert new.data.params["data"] != run.data.params["data"] == str(wine / "wine.csv")
    assert new.data.tags[ORIGINAL] == run.info.run_id
    assert store.runs.get(run.info.run_id).data.tags["nbtrail.reproduction"] == "identical"
    assert store.contexts.get(new.info.run_id)[DETAILS]["outcome"] == "identical"
    assert again(store, new).outcome == "identical"  # it knows its state, too
    assert not Path(new.data.params["data"]).exists()
    assert (wine / "wine.csv").read_text() == "1,2,3\n"

    shutil.rmtree(repository)
    with pytest.raises(NotFound, match=r"The repository .* is not there any more"):
        again(store, run)


def test_changes_that_were_no_text_cannot_be_made_again(repository: Path, store: Store) -> None:
    wine = repository / "projects" / "wine"
    (wine / "wine.csv").write_bytes("7,8,9\n# \xe9t\xe9".encode("latin-1"))
    (wine / "train.py").write_text("print('hello')")
    run = projects.run(wine, {"l1_ratio": 0.5}, store=store)
    assert again(store, run).outcome == "identical"
    (wine / "wine.csv").write_bytes("7,8,9\n# \xe8t\xe9".encode("latin-1"))
    with pytest.raises(InvalidValue, match="uncommitted changes were too large, or no text"):
        again(store, run)


def test_a_run_of_a_git_address_is_at_its_commit(repository: Path, store: Store) -> None:
    address = f"{repository.as_uri()}#projects/wine"
    run = projects.run(address, {"l1_ratio": 0.5}, store=store)
    (repository / "projects" / "wine" / "wine.csv").write_text("1,2,3\n")
    commit(repository)
    found = again(store, run)
    assert (found.outcome, found.notes) == ("identical", [])


def test_a_notebook_entry_point_is_executed_where_its_project_was(
    repository: Path, store: Store
) -> None:
    wine = repository / "projects" / "wine"
    text = (wine / "report.ipynb").read_text()
    source = '"import helper\\n", "best_score = len(open(str(helper.data)).read()) * 0.25"'
    (wine / "report.ipynb").write_text(text.replace('"best_score = top * 0.25"', source))
    (wine / "helper.py").write_text("data = 'wine.csv'")
    commit(repository)
    run = projects.run(wine, entry_point="report", store=store, progress=False)
    (wine / "helper.py").unlink()
    (wine / "wine.csv").write_text("")
    commit(repository)
    found = again(store, run)
    assert (found.outcome, len(found.notes)) == ("identical", 1)
    assert "has changed since: it is executed at commit" in found.notes[0]


def test_where_a_command_diverges_is_told(script: Path, store: Store) -> None:
    run = projects.run(script, entry_point="main.py", store=store)
    (script / "shift").write_text("0.0000000001")
    found = again(store, run)
    assert found.outcome == "within tolerance"
    taken = f"Nothing tells in which state {script} was: it is taken as it is now."
    assert found.notes == [taken]

    (script / "shift").write_text("0.25")
    found = again(store, run)
    assert found.outcome == "diverged"
    differences = [(one.kind, one.key, one.step) for one in found.attempts[0].differences]
    assert differences == [("metric", "loss", 1), ("artifact", "result.txt", None)]
    assert "First: loss at step 1 was 0.5 and is 0.75." in reproduction_text(found)
    text = (script / "main.py").read_text()
    (script / "main.py").write_text(text.replace('"loss"', '"lost"'))
    keys = [(one.key, one.reproduced) for one in again(store, run).attempts[0].differences]
    assert keys[:2] == [("loss", None), ("lost", pytest.approx(1 / 3 + 0.25))]

    (script / "shift").write_text("9")
    found = again(store, run)
    assert found.outcome == "could not run"
    assert "exit status 1: AssertionError: mind the gap" in str(found.attempts[0].reason)
    shutil.rmtree(script)
    with pytest.raises(NotFound, match="There is no directory"):
        again(store, run)


def test_a_failed_command_is_to_fail_again(script: Path, store: Store) -> None:
    (script / "shift").write_text("9")
    with pytest.raises(ExecutionFailed) as failed:
        projects.run(script, entry_point="main.py", store=store)
    run = store.runs.get(failed.value.run_id)
    assert again(store, run).outcome == "identical"
    text = (script / "main.py").read_text()
    (script / "main.py").write_text(text.replace("assert", "# assert"))
    (difference, *_) = again(store, run).attempts[0].differences
    assert (difference.key, difference.reproduced) == ("how it ended", "FINISHED")
    assert difference.original == "FAILED: exit status 1: AssertionError: mind the gap"


PIPELINE = """
entry_points:
  main:
    parameters: {factor: float}
    steps:
      prepare: {run: main.py}
      train: {params: {data: "${{ steps.prepare.artifacts/result.txt }}"}, for_each: {seed: [1]}}
  train:
    parameters: {data: path, seed: int}
    command: "cp {data} copy && python -c 'import nbtrail; nbtrail.log_artifact(\\"copy\\")'"
"""


def test_a_pipeline_is_compared_step_by_step(script: Path, store: Store) -> None:
    (script / "MLproject").write_text(PIPELINE)
    run = projects.run(script, {"factor": 3}, store=store, progress=False)
    bundle = projects.export_run(run, script / "bundle.zip", store=store)
    elsewhere = open_store(script / "elsewhere" / ".nbtrail")
    found = again(elsewhere, bundle, metrics={"loss": 0.0})
    (attempt,) = found.attempts
    assert (found.outcome, attempt.outcome, attempt.differences) == ("identical", "identical", [])
    steps = {one.step: one.outcome for one in attempt.steps}
    assert steps == {"prepare": "identical", "train (seed=1)": "identical"}
    new = elsewhere.runs.get(attempt.steps[1].run_id)
    assert new.data.tags["mlflow.parentRunId"] == attempt.run_id
    assert elsewhere.runs.get(new.data.tags[ORIGINAL]).data.params["seed"] == "1"

    (script / "shift").write_text("0.25")
    text = (script / "MLproject").read_text()
    (script / "MLproject").write_text(text.replace("cp {data}", "false {data}"))
    found = again(store, run)
    (attempt,) = found.attempts
    assert [(one.step, one.outcome) for one in attempt.steps] == [("prepare", "diverged")]
    assert attempt.outcome == "could not run"
    assert "step train (seed=1) failed" in str(attempt.reason)
    first = "First in the step prepare: loss at step 1 was 0.5 and is 0.75."
    assert first in reproduction_text(found)


def test_a_step_of_a_project_beside_it_is_where_the_repository_is(
    workdir: Path, store: Store
) -> None:
    folder = workdir / "both"
    for name in ("main", "other"):
        (folder / name).mkdir(parents=True)
    (folder / "main" / "MLproject").write_text(
        "entry_points: {main: {steps: {there: {uses: ../other}}}}"
    )
    (folder / "other" / "MLproject").write_text(
        "entry_points: {main: {parameters: {data: {type: path, default: data.csv}}, "
        'command: "cat {data}"}}'
    )
    (folder / "other" / "data.csv").write_text("1,2\n")
    git(folder, "init")
    commit(folder)
    run = projects.run(folder / "main", store=store, progress=False)
    (folder / "other" / "data.csv").write_text("3,4\n")
    found = again(store, run)
    assert found.outcome == "identical"
    assert "it is executed at commit" in found.notes[0]
