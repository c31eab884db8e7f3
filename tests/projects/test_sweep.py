"""Sweeps with real kernels, commands and processes."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from nbtrail import projects
from nbtrail.entities import Param
from nbtrail.errors import ExecutionFailed, InvalidState, InvalidValue
from nbtrail.projects.background import jobs
from nbtrail.projects.background.supervisor import Supervisor
from nbtrail.projects.lifetime import created
from nbtrail.projects.sweeps import background, show
from nbtrail.store import Store
from projects.trials import wait_until

PARENT = "mlflow.parentRunId"
TRAIN = [("lr = 0.1\nname: str = 'a'", ["parameters"]), "assert lr > 0, 'as asked'\nscore = -lr"]


def is_alive(path: Path) -> bool:
    return psutil.pid_exists(int(path.read_text()))


def test_a_grid_over_a_notebook(write: Any, store: Store) -> None:
    path = write(*TRAIN)
    found = projects.sweep(
        path,
        {"lr": "0.5,0.25,-1", "name": "b"},
        metric="score",
        direction="max",
        sampler="grid",
        parallel=2,
        experiment="tuning",
        run_name="first",
        store=store,
    )

    assert [(t.number, t.state, t.value, t.parameters) for t in found.trials] == [
        (1, "finished", -0.5, {"lr": 0.5, "name": "b"}),
        (2, "finished", -0.25, {"lr": 0.25, "name": "b"}),
        (3, "failed", None, {"lr": -1, "name": "b"}),
    ]
    assert found.trials[2].error == "AssertionError: as asked"
    assert found.best == found.trials[1]
    runs = [store.runs.get(one.run_id) for one in found.trials]
    parent = found.run
    assert [(r.info.run_name, r.info.status, r.data.tags[PARENT]) for r in runs] == [
        ("first 1", "FINISHED", parent.info.run_id),
        ("first 2", "FINISHED", parent.info.run_id),
        ("first 3", "FAILED", parent.info.run_id),
    ]
    assert runs[0].data.params == {"lr": "0.5", "name": "b"}

    assert (parent.info.status, parent.info.run_name) == ("FINISHED", "first")
    assert store.experiments.get(parent.info.experiment_id).name == "tuning"
    own = {k: v for k, v in parent.data.metrics.items() if not k.startswith("system/")}
    assert own == {
        "best_score": -0.25,
        "trials/finished": 2,
        "trials/failed": 1,
        "trials/pruned": 0,
    }
    assert parent.data.params == {"best_lr": "0.25", "best_name": "b"}
    tags = {k: v for k, v in parent.data.tags.items() if k.startswith("nbtrail.sweep")}
    assert tags == {
        "nbtrail.sweep": "lr=0.5,0.25,-1.0 name=b",
        "nbtrail.sweep.parameters": '["lr", "name"]',
        "nbtrail.sweep.metric": "score",
        "nbtrail.sweep.direction": "max",
        "nbtrail.sweep.sampler": "grid",
        "nbtrail.sweep.trials": "3",
        "nbtrail.sweep.best_run": found.trials[1].run_id,
        "nbtrail.sweep.importance": "of 2 finished trials: needs 10 finished trials",
    }
    files = Path(parent.info.artifact_uri)
    assert json.loads((files / "sweep.json").read_text())["best"]["number"] == 2
    rows = list(csv.DictReader((files / "trials.csv").read_text().splitlines()))
    assert [(row["trial"], row["lr"], row["value"]) for row in rows] == [
        ("1", "0.5", "-0.5"), ("2", "0.25", "-0.25"), ("3", "-1.0", ""),
    ]  # fmt: skip
    with pytest.raises(InvalidState, match="has all its trials: 3"):
        projects.resume("first", store=store)


def test_a_trial_in_vain_a_killed_process_and_a_first_trial(tiny: Path, store: Store) -> None:
    experiment = store.experiments.ensure("before").experiment_id
    before = store.runs.create(experiment).info.run_id
    store.runs.log_params(before, [Param("x", "4.0"), Param("other", "1")])
    found = projects.sweep(
        tiny,
        {"x": [1, 2, 3, 4, 5, 9], "mode": "kills"},
        metric="loss",
        direction="min",
        sampler="grid",
        pruner="median",
        parallel=1,
        from_run=before,
        store=store,
    )

    assert [(float(one.parameters["x"]), one.state) for one in found.trials] == [
        *((x, "finished") for x in (4, 1, 2, 3, 5)),
        (9, "pruned"),
    ]
    assert found.best is not None
    assert (found.best.value, found.best.number) == (1, 2)
    pruned = store.runs.get(found.trials[5].run_id)
    assert (pruned.info.status, pruned.info.error) == ("KILLED", "pruned at step 0")
    wait_until(lambda: not is_alive(tiny / "started-9"))
    wanted = f"tags.`{PARENT}` = '{found.run.info.run_id}'"
    children, _ = store.runs.search(None, wanted)
    states = [run.data.tags.get("nbtrail.trial.state") for run in children]
    assert sorted(states, key=str) == [None, *["finished"] * 5, "pruned"]
    [again] = [run for run in children if "nbtrail.trial.state" not in run.data.tags]
    assert (again.info.status, again.data.tags["nbtrail.trial"]) == ("KILLED", "4")
    history = store.metrics.history(found.run.info.run_id, "best_loss")
    assert [(one.step, one.value) for one in history] == [(1, 4), (2, 1), (3, 1), (4, 1), (5, 1)]


def test_ctrl_c_ends_a_sweep_and_it_goes_on(tiny: Path, store: Store) -> None:
    (tiny / "hold").touch()
    space = ("-P", "x=1,2,3", "-P", "mode=fails", "--sampler", "grid", "--parallel", "2")
    asked = ("sweep", tiny, *space, "--metric", "loss", "--direction", "min", "--name", "held")
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrail", *map(str, asked)], stderr=subprocess.PIPE, text=True
    )
    started = [tiny / "started-1", tiny / "started-3"]  # the second one has failed by then
    wait_until(lambda: all(one.exists() and one.read_text() for one in started))
    with pytest.raises(InvalidState, match="The sweep held is going on already"):
        projects.resume("held", store=store)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)

    assert process.returncode == 130
    assert "trial 2 failed: exit status 1: no good" in told
    broken_off = show(store, "held")
    assert f"`nbtrail sweep --resume {broken_off.run.info.run_id[:8]}` goes on" in told
    assert (broken_off.run.info.status, broken_off.run.info.error) == ("KILLED", "Interrupted")
    assert [one.state for one in broken_off.trials] == ["stopped", "failed", "stopped"]
    assert not any(is_alive(one) for one in started)

    (tiny / "hold").unlink()
    found = projects.resume("held", store=store)
    assert found.run.info.run_id == broken_off.run.info.run_id
    assert found.run.info.status == "FINISHED"
    assert [(one.number, one.state, one.value) for one in found.trials] == [
        (1, "finished", 1), (2, "failed", None), (3, "finished", 3),
    ]  # fmt: skip
    assert found.trials[1] == broken_off.trials[1]


def test_a_sweep_without_the_metric_or_any_good_trial_fails(tiny: Path, store: Store) -> None:
    def swept(metric: str, **given: object) -> None:
        projects.sweep(
            tiny,
            {"x": "int:1..2", **given},
            metric=metric,
            direction="min",
            sampler="grid",
            parallel=1,
            store=store,
            run_name=metric,
        )

    with pytest.raises(InvalidValue, match=r"has no metric 'los'\. Did you mean 'loss'\?"):
        swept("los")
    assert show(store, "los").run.info.status == "FAILED"
    assert [one.state for one in show(store, "los").trials] == ["failed"]
    with pytest.raises(ExecutionFailed, match="No trial of the sweep finished: trial 1: exit"):
        swept("loss", mode="fails", x="2", extra="a,b")
    assert show(store, "loss").run.info.status == "FAILED"


def test_a_sweep_in_the_background_is_stopped_and_goes_on(
    tiny: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "wake", lambda _store: None)
    (tiny / "hold").touch()
    space, asked = {"x": "1,2"}, {"metric": "loss", "direction": "min", "sampler": "grid"}
    job_id = background.submit(tiny, space, store=store, name="later", parallel=1, **asked).job_id

    def stop() -> None:
        wait_until(lambda: (tiny / "started-1").exists() and (tiny / "started-1").read_text())
        store.jobs.stop(job_id)

    stopper = threading.Thread(target=stop)
    stopper.start()
    Supervisor(store, slots=1).run()
    stopper.join()
    job, [run] = store.jobs.get(job_id), store.jobs.runs(job_id)
    assert (job.kind, job.state, job.error, job.experiment) == ("sweep", "stopped", None, "tiny")
    assert (job.cells_done, job.cells_total, job.outcome, run.parameters) == (0, 2, None, space)
    store.drain()
    broken_off = show(store, str(run.run_id))
    assert [one.state for one in broken_off.trials] == ["stopped"]
    assert (broken_off.run.info.status, broken_off.run.info.run_name) == ("KILLED", "later")
    assert broken_off.run.data.tags[jobs.TAG] == job_id

    # Another one of the job was killed before there was anything to go on with.
    tags = {jobs.TAG: job_id, "nbtrail.sweep": "x=1,2"}
    lost = created(store, broken_off.run.info.experiment_id, "lost", tags)
    store.runs.end(lost.info.run_id, "KILLED")
    (tiny / "hold").unlink()
    jobs.retry(store, job_id)
    Supervisor(store, slots=1).run()
    job, [run] = store.jobs.get(job_id), store.jobs.runs(job_id)
    assert (job.state, job.cells_done, job.outcome) == ("finished", 2, "best loss 1")
    assert run.run_id == broken_off.run.info.run_id
    log = jobs.read_log(store, job_id).text
    assert "trial 2: x=2" in log
    assert "2 of 2 trials, best loss 1\n" in log


@pytest.mark.parametrize(("trials", "sampler"), [(None, "grid"), (2, "grid"), (1, "tpe")])
def test_a_few_choices_are_each_tried_once(
    write: Any, store: Store, trials: int | None, sampler: str
) -> None:
    found = projects.sweep(
        write(*TRAIN), {"lr": "1,2"}, metric="score", direction="max", trials=trials, store=store
    )
    assert found.run.data.tags["nbtrail.sweep.sampler"] == sampler
    assert len(found.trials) == (trials or 2)
