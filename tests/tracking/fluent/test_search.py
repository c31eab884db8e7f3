"""`search_runs`: MLflow's columns, the experiments that are searched, all pages."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

import nbtrail
from nbtrail.entities import ViewType
from nbtrail.errors import InvalidValue


def test_search_gives_a_row_per_run_with_mlflows_columns() -> None:
    with nbtrail.start_run(run_name="old"):
        nbtrail.log_metric("acc", 0.5)
        nbtrail.log_param("lr", 0.1)
    running = nbtrail.start_run(run_name="new")
    frame = nbtrail.search_runs()
    assert isinstance(frame, pd.DataFrame)
    own = [c for c in frame.columns if not c.startswith("tags.mlflow")]
    assert own == [
        "run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time",
        "metrics.acc", "params.lr",
    ]  # fmt: skip
    assert frame["run_id"][0] == running.info.run_id
    assert list(frame["status"]) == ["RUNNING", "FINISHED"]
    assert frame["metrics.acc"].dtype == float
    assert math.isnan(frame["metrics.acc"][0])
    assert frame["params.lr"][1] == "0.1"
    assert pd.isna(frame["params.lr"][0])
    for column in ("start_time", "end_time"):
        assert isinstance(frame[column].dtype, pd.DatetimeTZDtype)
        assert abs(frame[column][1] - pd.Timestamp.now(tz="UTC")) < pd.Timedelta("1min")
    assert pd.isna(frame["end_time"][0])


def test_search_of_nothing_is_an_empty_frame_and_makes_nothing(workdir: Path) -> None:
    frame = nbtrail.search_runs()
    assert isinstance(frame, pd.DataFrame)
    assert frame.empty
    assert list(frame.columns)[:3] == ["run_id", "experiment_id", "status"]
    assert isinstance(frame["start_time"].dtype, pd.DatetimeTZDtype)
    assert nbtrail.search_runs(output_format="list") == []
    assert nbtrail.search_runs(experiment_names=["x"], output_format="list") == []
    assert list(workdir.iterdir()) == []


def names(**arguments: object) -> list[str]:
    found = nbtrail.search_runs(output_format="list", **arguments)  # type: ignore[arg-type]
    assert isinstance(found, list)
    return [run.info.run_name for run in found]


def test_search_is_in_the_experiment_that_was_set_else_in_all() -> None:
    for experiment in ("one", "two"):
        nbtrail.set_experiment(experiment)
        with nbtrail.start_run(run_name=f"in {experiment}"):
            nbtrail.log_metric("acc", len(experiment))
    assert names() == ["in two"]
    assert names(search_all_experiments=True) == ["in two", "in one"]
    assert names(experiment_names=["one", "missing"]) == ["in one"]
    assert names(experiment_ids=["1"]) == ["in one"]
    assert names(experiment_ids=[1]) == ["in one"]
    assert names(experiment_ids=["1", "2"], max_results=1) == ["in two"]
    assert names(experiment_ids=["1", "2"], order_by=["start_time ASC"]) == ["in one", "in two"]
    assert names(search_all_experiments=True, filter_string="run_name = 'in one'") == ["in one"]
    assert names(search_all_experiments=True, filter_string=None) == ["in two", "in one"]


def test_no_experiments_are_the_chosen_one_and_unknown_ones_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with nbtrail.start_run() as run:
        pass
    assert names(experiment_ids=[], max_results=None) == [run.name]
    assert names(experiment_names=["Defalt"]) == []
    assert "no experiment 'Defalt'. Did you mean 'Default'?" in caplog.text
    assert names(experiment_names=["Defalt", "Default"]) == [run.name]


def test_search_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InvalidValue, match="output_format"):
        nbtrail.search_runs(output_format="polars")  # type: ignore[arg-type]
    with nbtrail.start_run() as run, pytest.raises(InvalidValue, match=r"2 \(DELETED_ONLY\)"):
        nbtrail.search_runs(run_view_type=4)
    nbtrail.delete_run(run.run_id)
    assert names() == []
    assert names(run_view_type=ViewType.DELETED_ONLY) == names(run_view_type=3) == [run.name]
    nbtrail.restore_run(run.run_id)
    assert names() == [run.name]
