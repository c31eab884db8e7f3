"""What can be run, for real: projects of a directory and of a repository, and runs once more."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from sklearn.linear_model import LinearRegression

import nbtrail
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidValue, NotFound
from nbtrail.projects import run
from nbtrail.projects.reproduction.reproduce import reproduce
from nbtrail.store import Store

from ..store import scripts
from . import wheels
from .conftest import WINE, git


def printed(run: Run) -> str:
    return ArtifactRepository(run.info.artifact_uri).local_path("output.log").read_text()


def test_a_command_logs_into_its_run(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    made = run(WINE, {"l1_ratio": 0.5, "note": "mine"}, store=store)
    assert made.info.status == "FINISHED"
    assert made.data.params == {
        "alpha": "0.5", "l1_ratio": "0.5", "note": "mine", "rows": "3",
        "data": str(WINE / "wine.csv"),
    }  # fmt: skip
    assert made.data.metrics["penalty"] == 0.75
    assert made.data.tags["mlflow.project.entryPoint"] == "main"
    assert store.experiments.get(made.info.experiment_id).name == "wine"
    assert printed(made) == capsys.readouterr().out == "note: mine\n"

    # The commit that the run's context knows of is that of whoever asked.
    store.runs.set_tags(made.info.run_id, {"mlflow.source.git.commit": "0" * 40})
    again = run(made.info.run_id, {"alpha": 1.0}, store=store)
    assert again.data.params == {**made.data.params, "alpha": "1.0"}


def test_a_failed_command_says_how(store: Store) -> None:
    with pytest.raises(ExecutionFailed, match="exit status 3: about to fail"):
        run(str(WINE), entry_point="fail", store=store)
    (failed,) = store.runs.search()[0]
    assert (failed.info.status, printed(failed)) == ("FAILED", "about to fail\n")


def test_ctrl_c_ends_a_command_and_its_run(store: Store) -> None:
    process = scripts.start(
        f"from nbtrail.projects import run\nrun({str(WINE)!r}, entry_point='wait')",
        NBTRAIL_TRACKING_URI=store.uri,
    )
    scripts.wait_for(process, "waiting")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    store.drain()
    (killed,) = store.runs.search()[0]
    assert (killed.info.status, printed(killed)) == ("KILLED", "waiting\n")


def test_ctrl_c_leaves_nothing_of_a_command_and_the_second_does_not_wait(
    store: Store, workdir: Path
) -> None:
    os.mkfifo(workdir / "alive")
    child, again = "sleep 600 > alive &", "while :; do wait; done"
    (workdir / "go.sh").write_text(f"{child} trap 'echo interrupted' INT; echo waiting; {again}")
    process = scripts.start(
        "from nbtrail.projects import run\nrun('.', entry_point='go.sh')",
        NBTRAIL_TRACKING_URI=store.uri,
    )
    with (workdir / "alive").open("rb") as alive:
        for line in ("waiting", "interrupted"):
            scripts.wait_for(process, line)
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert alive.read() == b""  # the child has it open for as long as it lives
    store.drain()
    (killed,) = store.runs.search()[0]
    assert killed.info.status == "KILLED"


def test_a_notebook_is_an_entry_point(store: Store) -> None:
    made = run(str(WINE), {"top": "4"}, entry_point="report", store=store)
    assert (made.data.params["top"], made.data.metrics["best_score"]) == ("4", 1.0)
    assert made.data.tags["mlflow.project.entryPoint"] == "report"
    assert made.data.tags["mlflow.source.name"] == str(WINE)


def test_a_repository_at_a_version(store: Store, repository: Path) -> None:
    address = f"file://{repository}#projects/wine"
    made = run(address, {"l1_ratio": 0.0}, version="old", store=store)
    assert made.data.metrics["penalty"] == 1.0
    assert made.data.tags["mlflow.source.name"] == address
    assert made.data.tags["mlflow.source.git.commit"] == git(repository, "rev-parse", "old")
    assert not Path(made.data.params["data"]).exists()  # the clone is gone
    again = run(made.info.run_id, {"l1_ratio": 0.5}, experiment="again", store=store)
    assert again.data.metrics["penalty"] == 0.75
    assert again.data.tags["mlflow.source.git.commit"] == git(repository, "rev-parse", "old")
    with pytest.raises(NotFound, match="no entry point 'fail'"):
        run(address, entry_point="fail", version="old", store=store)
    with pytest.raises(ExecutionFailed, match="about to fail"):
        run(f"{repository}#projects/wine", entry_point="fail", version="main", store=store)


@pytest.mark.parametrize(
    ("target", "version", "said"),
    [
        ("nowhere", None, "no directory, notebook or run 'nowhere'"),
        ("nowhere", "main", "no directory 'nowhere'"),
        ("repository#../..", None, "not a directory inside"),
        ("repository", "none", "no commit, tag or branch 'none'.*main, old"),
        ("repository", "--upload-pack=touch x", "no commit, tag or branch"),
        ("repository#inside", "main", "no directory 'inside'"),
        ("ext::touch hacked", "main", "no directory 'ext::touch hacked'"),
        ("git+ext://touch hacked", None, "no directory 'ext://touch"),
        ("file:///nowhere/at/all", None, "git cannot clone"),
        ("x" * 5000, None, "no directory, notebook or run 'x+'"),
        ("repository/projects/wine/train.py", None, "nbtrail run repository/projects/wine"),
        ("", None, "no directory, notebook or run ''"),
        (".", "main", "git cannot use .*not a git repository"),
        ("train.ipynb", "main", "Only a project has a version"),
    ],
)
def test_targets_that_are_refused(
    store: Store, repository: Path, target: str, version: str | None, said: str
) -> None:
    with pytest.raises((NotFound, InvalidValue), match=said):
        run(target, version=version, store=store)
    assert store.runs.search()[0] == []
    assert not list(repository.parent.glob("**/hacked"))


def test_no_link_leads_out_of_a_repository(store: Store, repository: Path) -> None:
    (repository / "out").symlink_to("/")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "link")
    with pytest.raises(NotFound, match="no directory 'out'"):
        run(f"{repository}#out", version="main", store=store)


def test_what_made_a_model_is_run_once_more(store: Store) -> None:
    made = run(str(WINE), {"top": 2}, entry_point="report", store=store)
    with nbtrail.start_run(run_id=made.info.run_id):
        logged = nbtrail.log_model(LinearRegression().fit([[0], [1]], [0, 1]), "model")
    again = run(f"models:/{logged.model_id}", {"top": 3}, store=store)
    assert again.data.metrics["best_score"] == 0.75
    assert again.data.tags["nbtrail.reruns"] == made.info.run_id


def test_an_environment_of_its_own_has_what_the_project_asks_for(
    store: Store, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = wheels.pack(workdir / "wheels", "ipykernel", "msgspec", "six")
    monkeypatch.setenv("PIP_FIND_LINKS", str(workdir / "wheels"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(workdir / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(workdir / "kept"))
    (workdir / "requirements.txt").write_text("six")
    source = "import six, nbtrail, sys\nnbtrail.log_params({'prefix': sys.prefix})"
    (workdir / "train.py").write_text(f"{source}\nprint(six.__version__)")
    made = run(str(workdir), entry_point="train.py", env="uv", store=store)
    assert printed(made).strip() == packed["six"]
    assert made.data.params["prefix"].startswith(str(workdir / "kept"))
    again = run(str(workdir), entry_point="train.py", env="uv", store=store)
    assert again.data.params == made.data.params
    assert again.data.tags["mlflow.project.env"] == "uv"
    had = store.contexts.get(made.info.run_id)["packages"]["packages"]
    assert {*had} == {"nbtrail", *map(canonicalize_name, packed)}
    assert reproduce(again, store=store).outcome == "identical"
