"""`nbtrail.run`, in the words of `mlflow.run`."""

from __future__ import annotations

from typing import Any

import pytest

import nbtrail as mlflow
from nbtrail.errors import ExecutionFailed, InvalidValue, NotFound
from nbtrail.store import Store


def test_a_project_is_run_in_mlflows_words(tiny: Any, store: Store) -> None:
    experiment_id = mlflow.create_experiment("steps")
    made = mlflow.run(str(tiny), "main", parameters={"x": 3}, experiment_id=experiment_id)
    run = mlflow.get_run(made.run_id)
    assert (made.get_status(), made.wait(), run.data.metrics["loss"]) == ("FINISHED", True, 3)
    assert run.info.experiment_id == experiment_id
    with pytest.raises(ExecutionFailed, match="no good"):
        mlflow.run(str(tiny), parameters={"x": 2, "mode": "fails"}, env_manager="local")


def test_nobody_waits(tiny: Any, store: Store) -> None:
    made = mlflow.run(str(tiny), parameters={"x": 3}, synchronous=False, run_name="later")
    assert mlflow.get_run(made.run_id).info.run_name == "later"
    assert (made.wait(), made.get_status()) == (True, "FINISHED")
    failing = mlflow.run(str(tiny), parameters={"x": 2, "mode": "fails"}, synchronous=False)
    assert (failing.wait(), failing.get_status()) == (False, "FAILED")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"docker_args": {"gpus": "all"}}, "has no docker_args"),
        ({"env_manager": "virtualenvs"}, "Did you mean 'virtualenv'?"),
        ({"backend": "kubernetes"}, "There is no backend 'kubernetes'"),
        ({"entry_point": "mian"}, "mian"),
    ],
)
def test_what_is_not_here_is_said(
    tiny: Any, store: Store, given: dict[str, Any], message: str
) -> None:
    with pytest.raises((InvalidValue, NotFound), match=message.replace("?", r"\?")):
        mlflow.run(str(tiny), **given)
