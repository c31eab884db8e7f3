"""Runs of projects whose artifacts are on a real S3 (moto's server)."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

import nbtrail
from artifacts.conftest import moto, s3
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed
from nbtrail.projects import run_notebook
from nbtrail.projects.targets import run
from nbtrail.store import Store
from projects.conftest import Write

__all__ = ["moto", "s3"]


@pytest.fixture
def far(s3: str) -> str:
    nbtrail.create_experiment("far", artifact_location=s3)
    return "far"


def of(run: Run) -> ArtifactRepository:
    return ArtifactRepository(run.info.artifact_uri)


def test_an_executed_notebook_is_stored_where_the_artifacts_are(
    far: str, write: Write, store: Store
) -> None:
    ended = run_notebook(write("lr = 0.1", "lr * 2"), {"lr": 0.5}, experiment=far)
    executed = nbformat.reads(of(ended).read("train.ipynb").decode(), as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "1.0"
    assert nbtrail.reproduce(ended.info.run_id).outcome == "identical"


def test_a_failed_one_too(far: str, write: Write, store: Store) -> None:
    with pytest.raises(ExecutionFailed, match=r"s3://.+/artifacts/train\.ipynb") as raised:
        run_notebook(write("lr = 0.1", "1 / 0"), experiment=far)
    failed = store.runs.get(raised.value.run_id)
    assert failed.info.status == "FAILED"
    assert b"ZeroDivisionError" in of(failed).read("train.ipynb")


def test_what_a_command_prints_is_stored_there(far: str, workdir: Path, store: Store) -> None:
    folder = workdir / "project"
    folder.mkdir()
    (folder / "MLproject").write_text(
        "name: far\nentry_points:\n  main: {command: echo good}\n"
        "  bad: {command: 'echo oh; exit 3'}\n"
    )
    assert of(run(folder, experiment=far)).read("output.log") == b"good\n"
    with pytest.raises(ExecutionFailed, match=r"s3://.+/artifacts/output\.log") as raised:
        run(folder, entry_point="bad", experiment=far)
    assert of(store.runs.get(raised.value.run_id)).read("output.log") == b"oh\n"
