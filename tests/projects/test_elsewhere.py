"""Whatever can be run is run by a backend, too, and what lies in a repository is swept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import nbtrail
from nbtrail import projects
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store
from projects.conftest import Write, git


@pytest.fixture
def remote(tiny: Path, workdir: Path) -> Path:
    """Make a bare repository with the project below `sub`, whose first commit is tagged."""
    folder = workdir / "work"
    shutil.copytree(tiny, folder / "sub")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    git(folder, "tag", "first")
    (folder / "sub" / "train.py").write_text("raise SystemExit('the second')")
    git(folder, "commit", "-am", "two")
    git(workdir, "clone", "--bare", "work", "remote.git")
    shutil.rmtree(folder)
    return workdir / "remote.git"


def test_a_repository_is_swept_at_a_commit_and_the_sweep_goes_on(
    remote: Path, store: Store
) -> None:
    target, space = f"{remote.as_uri()}#sub", {"x": "1,2,3"}
    found = projects.sweep(
        target,
        space,
        metric="loss",
        direction="min",
        trials=2,
        seed=1,
        sampler="grid",
        version="first",
        store=store,
    )
    commit = git(remote, "rev-parse", "first")
    assert found.run.data.tags["mlflow.source.git.commit"] == commit
    assert "mlflow.project.entryPoint" not in found.run.data.tags
    run = store.runs.get(found.best.run_id)
    assert run.data.tags["mlflow.source.name"] == target
    assert run.data.tags["mlflow.source.git.commit"] == commit
    again = projects.resume(found.run.info.run_id, trials=3, store=store)
    assert sorted(one.value for one in again.trials) == [1.0, 2.0, 3.0]
    left = list((store.directory / "sweeps" / found.run.info.run_id).glob("nbtrail-project-*"))
    assert left == []
    assert nbtrail.reproduce(run.info.run_id, store=store).outcome == "identical"


def test_what_is_not_there_is_told(remote: Path, store: Store) -> None:
    def refused(target: str, said: str, **options: str) -> None:
        with pytest.raises((NotFound, InvalidValue), match=said):
            projects.sweep(
                target, {"x": "1,2"}, metric="a", direction="min", store=store, **options
            )  # type: ignore[arg-type]

    refused(f"{remote.as_uri()}#sub", "no commit, tag or branch 'frist'", version="frist")
    refused(f"{remote.as_uri()}#sbu", "no directory 'sbu'")
    refused(f"{remote.as_uri()}-gone", "git cannot clone")
    refused("a.ipynb", "Only a project has a version", version="first")
    refused("models:/a/1", "not 'models:/a/1': name a directory")
    assert not store.runs.search(None)[0]


def test_a_repository_and_its_run_are_executed_by_a_backend(remote: Path, store: Store) -> None:
    target = f"{remote.as_uri()}#sub"
    ran = projects.run(target, {"x": 2}, version="first", backend="local", store=store)
    assert ran.data.metrics["loss"] == 2
    assert ran.data.tags["mlflow.source.name"] == target
    again = projects.run(ran.info.run_id, {"x": 5}, backend="local", store=store)
    assert again.data.metrics["loss"] == 5
    assert again.data.tags["mlflow.source.git.commit"] == git(remote, "rev-parse", "first")
    assert again.info.experiment_id == ran.info.experiment_id


def test_the_cells_of_a_run_are_executed_by_a_backend(write: Write, store: Store) -> None:
    notebook = write(("x = 1", ["parameters"]), "import nbtrail; nbtrail.log_metric('y', x + 1)")
    ran = projects.run(notebook, store=store)
    notebook.unlink()
    again = projects.run(ran.info.run_id[:10], {"x": 4}, backend="local", store=store)
    assert again.data.metrics["y"] == 5
    assert again.data.tags["nbtrail.reruns"] == ran.info.run_id
    with pytest.raises(InvalidValue, match="Only a project has a version"):
        projects.run(ran.info.run_id, version="a", backend="local", store=store)
    with pytest.raises(InvalidValue, match="has no parameter 'xx'"):
        projects.run(ran.info.run_id, {"xx": 4}, backend="local", store=store)


def test_the_notebook_of_a_project_has_its_project_too(
    write: Write, store: Store, workdir: Path
) -> None:
    folder = write(("x = 1", ["parameters"]), "import nbtrail; nbtrail.log_metric('y', x)").parent
    (folder / "MLproject").write_text(
        "name: p\nentry_points: {look: {notebook: train.ipynb, parameters: {x: int}}}"
    )
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    found = projects.sweep(
        folder,
        {"x": "1,2"},
        metric="y",
        direction="max",
        sampler="grid",
        entry_point="look",
        version="HEAD",
        store=store,
    )
    assert found.best.value == 2
    run = store.runs.get(found.best.run_id)
    assert run.data.tags["mlflow.project.entryPoint"] == "look"
