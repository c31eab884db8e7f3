"""What can be run, for real: projects of a directory and of a repository, and runs once more."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

import nbtrail
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidValue, NotFound
from nbtrail.projects import run
from nbtrail.store import Store

from ..store import scripts
from . import wheels

WINE = Path(__file__).parent / "examples" / "wine"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    command = ["git", *identity, *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(workdir: Path) -> Path:
    """Make a repository with the project in a subdirectory; its tag `old` lacks an entry point."""
    folder = workdir / "repository"
    shutil.copytree(WINE, folder / "projects" / "wine")
    file = folder / "projects" / "wine" / "MLproject"
    whole = file.read_text()
    git(folder, "init")
    for text in (whole[: whole.index("  fail:")], whole):
        file.write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-m", "one")
        if text != whole:
            git(folder, "tag", "old")
    return folder


def printed(run: Run) -> str:
    return ArtifactRepository(run.info.artifact_uri).local_path("output.log").read_text()


def test_a_command_logs_into_its_run(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    made = run(str(WINE), {"l1_ratio": 0.5, "note": "mine"}, store=store)
    assert made.info.status == "FINISHED"
    assert made.data.params == {
        "alpha": "0.5", "l1_ratio": "0.5", "note": "mine", "rows": "3",
        "data": str(WINE / "wine.csv"),
    }  # fmt: skip
    assert made.data.metrics["penalty"] == 0.75
    assert made.data.tags["mlflow.project.entryPoint"] == "main"
    assert store.experiments.get(made.info.experiment_id).name == "wine"
    assert printed(made) == capsys.readouterr().out == "note: mine\n"

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


def test_a_notebook_is_an_entry_point(store: Store) -> None:
    made = run(str(WINE), {"top": "4"}, entry_point="report", store=store)
    assert (made.data.params["top"], made.data.metrics["best_score"]) == ("4", 1.0)


def test_a_repository_at_a_version(store: Store, repository: Path) -> None:
    address = f"file://{repository}#projects/wine"
    made = run(address, {"l1_ratio": 0.0}, version="old", store=store)
    assert made.data.metrics["penalty"] == 1.0
    assert made.data.tags["mlflow.source.name"] == address
    assert made.data.tags["mlflow.source.git.commit"] == git(repository, "rev-parse", "old")
    assert not Path(made.data.params["data"]).exists()  # the clone is gone
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
