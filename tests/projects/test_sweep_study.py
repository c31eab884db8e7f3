"""Studies of sweeps, with Optuna itself and no processes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from nbtrail.errors import InvalidState
from nbtrail.projects.sweeps.settings import Settings
from nbtrail.projects.sweeps.space import Choices, Range, Space
from nbtrail.projects.sweeps.study import Study
from nbtrail.projects.sweeps.summary import log_importance
from nbtrail.store import Store

SPACE = Space({"x": Range(0.0, 1.0, False), "n": Range(1, 8, True, log=True)}, {"depth": 3})


def settings(**changes: Any) -> Settings:
    given: dict[str, Any] = {
        "target": "t.ipynb",
        "entry_point": None,
        "space": {},
        "metric": "loss",
        "trials": 20,
        "direction": "min",
        "parallel": 2,
        "sampler": "random",
        "pruner": None,
        "timeout": None,
        "seed": 1,
        **changes,
    }
    return Settings(**given)


def test_a_study_that_was_broken_off_gives_the_same_trial_again(workdir: Path) -> None:
    file = workdir / "study.log"
    study = Study(file, settings(), SPACE)
    study.enqueue({"x": 0.5})
    first, second = study.next(), study.next()
    assert first is not None
    assert second is not None
    assert (first[0], first[1]["x"], first[1]["depth"]) == (1, 0.5, 3)
    study.tell(2, "finished", 3.0)
    with file.open("ab") as torn:
        torn.write(b'{"op_code": 4, "worke')
    (workdir / "study.log.lock").symlink_to(file)

    again = Study(file, settings(trials=3), SPACE)
    assert (len(again), again.left) == (2, 1)
    assert again.next() == first
    assert (again.next() or (0, {}))[0] == 3
    assert again.next() is None


def test_a_grid_goes_on_where_it_was(workdir: Path) -> None:
    space = Space({"kind": Choices(("a", [1, 2])), "x": Range(0.0, 1.0, False, step=0.5)}, {})
    asked = settings(sampler="grid", trials=None)
    study = Study(workdir / "study.log", asked, space)
    study.enqueue({"kind": [1, 2], "x": 0.0})
    tried = [study.next() for _ in range(3)]
    for number in (1, 2, 3):
        study.tell(number, "failed")
    study = Study(workdir / "study.log", asked, space)
    while (one := study.next()) is not None:
        tried.append(one)
    assert [params for _, params in filter(None, tried)] == [
        {"kind": [1, 2], "x": 0.0},
        {"kind": "a", "x": 0.0},
        {"kind": "a", "x": 0.5},
        {"kind": "a", "x": 1.0},
        {"kind": [1, 2], "x": 0.5},
        {"kind": [1, 2], "x": 1.0},
    ]


def test_importance_and_why_it_is_not_said(workdir: Path, store: Store) -> None:
    study = Study(workdir / "study.log", settings(sampler="tpe", pruner="hyperband"), SPACE)
    for count in range(1, 21):
        number, params = study.next() or (0, {})
        if count == 10:
            assert study.importance() == ({}, 9, "needs 10 finished trials")
        study.report(number, 0, params["x"])
        study.is_in_vain(number)
        study.tell(number, "finished", params["x"])
    importance, n, note = study.importance()
    assert (n, note, sum(importance.values())) == (20, "", pytest.approx(1))
    assert importance["x"] > importance["n"]
    run_id = store.runs.create(store.experiments.ensure("tuning").experiment_id).info.run_id
    log_importance(store, run_id, study)
    assert store.metrics.history(run_id, "importance/x")[0].step == 20
    tags = store.runs.get(run_id).data.tags
    assert tags["nbtrail.sweep.importance"] == "of 20 finished trials"


def test_without_optuna_a_sentence_says_so(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InvalidState, match=r"pip install 'nbtrail\[sweep\]'"):
        Study(workdir / "study.log", settings(), SPACE)
