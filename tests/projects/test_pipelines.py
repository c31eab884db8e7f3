"""Pipelines, for real: each step is a run in a process of its own."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidState, InvalidValue, NotFound
from nbtrail.projects import prepare, run, sources
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.pipelines import digests
from nbtrail.projects.pipelines.planning import planned
from nbtrail.store import Store

from .conftest import WINE
from .test_jobs import wait_until


@pytest.fixture
def project(workdir: Path) -> Path:
    shutil.copytree(WINE, workdir / "wine")
    shutil.copytree(WINE.parent / "steps", workdir / "steps")
    return workdir / "steps"


def children(store: Store, parent: Run) -> dict[str, Run]:
    found, _ = store.runs.search(
        filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    )
    return {one.info.run_name: one for one in found}


def test_a_pipeline_fails_goes_on_and_is_reused(project: Path, store: Store, capsys: Any) -> None:
    (project / "broken").touch()
    with pytest.raises(ExecutionFailed, match=r"step report failed: .*as you asked") as caught:
        run(project, {"factor": 3}, store=store, parallel=2)
    failed = store.runs.get(caught.value.run_id)
    assert failed.info.status == "FAILED"
    assert failed.data.params == {"factor": "3", "seeds": "1, 2"}
    made = children(store, failed)
    assert {name: one.info.status for name, one in made.items()} == {
        "prepare": "FINISHED", "train (seed=1)": "FINISHED", "train (seed=2)": "FINISHED",
        "other": "FINISHED", "report": "FAILED",
    }  # fmt: skip
    assert made["train (seed=2)"].data.metrics == {"score": 92.0}
    assert made["train (seed=2)"].data.tags["nbtrail.step"] == "train"
    told = capsys.readouterr().out
    assert "train    train, 2 times: for each seed  prepare\n" in told
    assert "AssertionError: as you asked" in told

    with pytest.raises(InvalidValue, match="had factor=3: it is resumed with the parameters"):
        run(project, resume=failed.info.run_id, store=store)
    (project / "broken").unlink()
    again = run(failed.info.run_id, resume=failed.info.run_id, store=store)
    assert (again.info.run_id, again.info.status) == (failed.info.run_id, "FINISHED")
    assert len(store.runs.search()[0]) == 7  # the report was run twice
    assert "[prepare] reused: run" in capsys.readouterr().out
    with pytest.raises(InvalidState, match="nothing is left"):
        run(project, resume=failed.info.run_id, store=store)

    # A file that `prepare` does not depend on, and a parameter of `train` alone.
    (project / "report.py").write_text((project / "report.py").read_text() + "# more\n")
    cached = run(project, {"factor": 3, "seeds": "1,7"}, store=store, cache=True)
    made = children(store, cached)
    assert set(made) == {"train (seed=7)", "report"}
    assert made["report"].data.metrics["best"] == 97.0
    told = capsys.readouterr().out
    assert "[train (seed=1)] reused: run" in told


def test_a_failed_step_leaves_those_that_need_it(project: Path, store: Store) -> None:
    (project / "prepare.py").write_text("raise SystemExit('no data')")
    with pytest.raises(ExecutionFailed, match=r"step prepare failed.*not run: train, report"):
        run(project, store=store, progress=False)
    statuses = sorted(one.info.run_name for one in store.runs.search()[0] if one.data.metrics)
    assert statuses == ["other"]


def test_before_it_runs(project: Path, workdir: Path) -> None:
    assert prepare(project).splitlines() == [
        "STEP     RUNS                           AFTER",
        "prepare  prepare                        -",
        "train    train, 2 times: for each seed  prepare",
        "other    main of ../wine                -",
        "report   report.py                      other, train",
    ]
    assert not (workdir / ".nbtrail").exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("needs: other", "needs: othr", "needs 'othr', which is no step.*Did you mean 'other'"),
        ("files: [prepare.py]", "needs: report", "in a circle: .*report needs train needs prepare"),
        ("steps.prepare.metrics.rows", "steps.prepare.rows", "is none of params.NAME"),
        ("steps.train.metrics", "steps.trian.metrics", "needs 'trian'.*Did you mean 'train'"),
        ("params.factor", "params.facto", "does not have. Did you mean 'factor'"),
        ("for_each:", "foreach:", "has no 'foreach'. Did you mean 'for_each'"),
        ("run: report.py", "run: main", "which is a pipeline"),
        ("run: report.py", "run: repotr.py", "has no entry point 'repotr.py'"),
        ("../wine", "../none", "There is no directory"),
        ("l1_ratio: 0.5", "l1_ratio: much", "must be float"),
        ("l1_ratio: 0.5", "alpha: 0.5", "needs a value for l1_ratio"),
        (', rows: "${{ steps.prepare.metrics.rows }}"', "", "gives no value for rows"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    project: Path, workdir: Path, old: str, new: str, sentence: str
) -> None:
    file = project / "MLproject"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises((InvalidValue, NotFound), match=sentence):
        run(project)
    assert not (workdir / ".nbtrail").exists()


@pytest.mark.parametrize(
    ("parameters", "options", "sentence"),
    [
        ({"facto": 1}, {}, "has no parameter 'facto'. Did you mean 'factor'"),
        ({"seeds": ""}, {}, "which is no list"),
        ({}, {"track": False}, "hand on what they record"),
        ({}, {"output": "done.ipynb"}, "is a pipeline: only an executed notebook"),
        ({}, {"parallel": 0}, "At least one step"),
        ({"factor": 1}, {"entry_point": "prepare", "cache": True}, "only a pipeline has cache"),
    ],
)
def test_what_makes_no_sense_is_refused(
    project: Path, workdir: Path, parameters: Any, options: Any, sentence: str
) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        run(project, parameters, **options)


def test_one_in_the_background_is_cancelled_with_its_steps(project: Path, store: Store) -> None:
    (project / "MLproject").write_text(
        "entry_points: {main: {steps: {wait: {uses: ../wine, run: wait}, prepare: "
        "{run: prepare.py, needs: wait}}}}"
    )
    handle = run(project, wait=False)
    wait_until(lambda: "[wait] waiting" in handle.logs())
    assert (handle.progress.done, handle.progress.now) == (0, "step wait")
    handle.cancel()
    with pytest.raises(ExecutionFailed, match="was stopped"):
        handle.wait()
    runs = store.runs.search()[0]
    assert [(one.info.status, one.info.error) for one in runs] == [("KILLED", "Interrupted")] * 2
    assert {"wait", store.runs.get(str(handle.run_id)).info.run_name} == {
        one.info.run_name for one in runs
    }


def test_a_step_depends_on_its_notebook_whatever_its_files_are(write: Any) -> None:
    notebook = write("score = 1.0")
    folder = notebook.parent
    (folder / "MLproject").write_text(
        "entry_points:\n  main:\n    steps:\n      train: {run: train.ipynb, files: [lib.py]}\n"
    )

    def key() -> str:
        with ExitStack() as opened:
            source = opened.enter_context(sources.opened(str(folder)))
            project = mlproject.load(folder)
            pipeline = planned(source, project, project.entry_point("main"), {}, opened)
            return digests.key(pipeline.stages[0], {}, [], "packages", "files")

    before = key()
    assert key() == before
    write("score = 2.0")
    assert key() != before
