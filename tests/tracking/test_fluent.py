"""The functions that people call: MLflow's names, arguments and return fields."""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nbtrail
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store


def stored(store: Store) -> tuple[dict[str, str], dict[str, float], dict[str, str]]:
    """The params, metrics and own tags of the only run."""
    store.drain()
    (run,) = store.runs.search()[0]
    tags = {k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.")}
    return run.data.params, run.data.metrics, tags


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("start_run", "run_id experiment_id run_name nested parent_run_id tags description"),
        ("end_run", "status"),
        ("log_param", "key value"),
        ("log_params", "params"),
        ("log_metric", "key value step timestamp"),
        ("log_metrics", "metrics step timestamp"),
        ("set_tag", "key value"),
        ("set_tags", "tags"),
        ("log_artifact", "local_path artifact_path"),
        ("log_artifacts", "local_dir artifact_path"),
        ("log_text", "text artifact_file"),
        ("log_dict", "dictionary artifact_file"),
        ("log_figure", "figure artifact_file"),
        ("set_experiment", "experiment_name experiment_id"),
        ("get_run", "run_id"),
        ("active_run", ""),
        ("last_active_run", ""),
        ("get_tracking_uri", ""),
        ("set_tracking_uri", "uri"),
        ("get_artifact_uri", "artifact_path"),
        (
            "search_runs",
            "experiment_ids filter_string run_view_type max_results order_by output_format "
            "search_all_experiments experiment_names",
        ),
    ],
)
def test_names_and_arguments_are_mlflows(name: str, arguments: str) -> None:
    function = getattr(nbtrail, name)
    assert list(inspect.signature(function).parameters) == arguments.split()
    assert name in dir(nbtrail)


def test_everything_is_logged(store: Store) -> None:
    with nbtrail.start_run(run_name="first", tags={"a": 1}, description="note") as run:
        assert nbtrail.log_param("lr", 0.1) == 0.1
        nbtrail.log_params({"depth": 3, "none": None})
        nbtrail.log_metric("loss", 1)
        nbtrail.log_metric("loss", np.float32(0.5), step=np.int64(1))
        nbtrail.log_metrics({"acc": True, "inf": math.inf}, step=2, timestamp=5)
        nbtrail.set_tag("b", 2)
        nbtrail.set_tags({"a": 3})
    assert run.info.run_name == "first"
    assert run.data.tags["mlflow.note.content"] == "note"
    assert run.data.tags["mlflow.runName"] == "first"
    params, metrics, tags = stored(store)
    assert params == {"lr": "0.1", "depth": "3", "none": "None"}
    assert metrics == {"loss": 0.5, "acc": 1.0, "inf": math.inf}
    assert tags == {"a": "3", "b": "2"}
    (point,) = store.metrics.history(run.info.run_id, "acc")
    assert (point.step, point.timestamp) == (2, 5)


def test_return_fields_are_mlflows() -> None:
    with nbtrail.start_run() as active:
        nbtrail.log_param("lr", 0.1)
        nbtrail.log_metric("loss", 0.5)
    run = nbtrail.get_run(active.info.run_id)
    info = run.info
    assert (info.status, info.lifecycle_stage, info.experiment_id) == ("FINISHED", "active", "0")
    assert info.run_uuid == info.run_id
    assert info.end_time is not None
    assert 0 < info.start_time <= info.end_time
    assert info.user_id
    assert Path(info.artifact_uri).name == "artifacts"
    assert (run.data.params, run.data.metrics) == ({"lr": "0.1"}, {"loss": 0.5})
    assert run.data.tags["mlflow.source.type"] == "LOCAL"
    last = nbtrail.last_active_run()
    assert last is not None
    assert last.info.run_id == info.run_id
    with pytest.raises(NotFound, match="no run 'x'"):
        nbtrail.get_run("x")


@pytest.mark.parametrize("value", ["0.5", None, object(), [1.0], b"1", 1 + 2j, 10**400])
def test_a_metric_is_a_number(value: object) -> None:
    with pytest.raises(InvalidValue, match="The metric 'loss' needs a number"):
        nbtrail.log_metric("loss", value)  # type: ignore[arg-type]
    assert not Path(".nbtrail").exists()


@pytest.mark.parametrize("step", ["one", math.nan, math.inf, 2**63, object()])
def test_a_step_is_an_integer(step: int) -> None:
    with pytest.raises(InvalidValue, match="step must"):
        nbtrail.log_metric("loss", 1.0, step=step)
    with pytest.raises(InvalidValue, match="timestamp must"):
        nbtrail.log_metrics({"loss": 1.0}, timestamp=step)
    assert not Path(".nbtrail").exists()


def test_a_timestamp_may_be_a_float(store: Store) -> None:
    nbtrail.log_metric("loss", 1.0, timestamp=1234.5)  # type: ignore[arg-type]
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.data.metric_summaries[0].timestamp == 1234


def test_nothing_of_a_bad_batch_is_logged(store: Store) -> None:
    with nbtrail.start_run():
        with pytest.raises(InvalidValue):
            nbtrail.log_metrics({"good": 1.0, "bad": "x"})  # type: ignore[dict-item]
        with pytest.raises(InvalidValue):
            nbtrail.log_params({"good": 1.0, "b=d": 1})
        with pytest.raises(InvalidValue):
            nbtrail.set_tags({"good": 1.0, "b=d": 1})
    assert stored(store) == ({}, {}, {})


def test_a_param_keeps_its_value() -> None:
    with nbtrail.start_run():
        nbtrail.log_param("lr", 0.1)
        nbtrail.log_param("lr", 0.1)
        with pytest.raises(InvalidValue, match=r"is '0.1' already and cannot become '0.2'"):
            nbtrail.log_param("lr", 0.2)


def test_logging_without_a_run_starts_one(store: Store) -> None:
    nbtrail.log_metric("loss", 1.0)
    current = nbtrail.active_run()
    assert current is not None
    nbtrail.log_param("lr", 1)
    assert stored(store) == ({"lr": "1"}, {"loss": 1.0}, {})
    nbtrail.end_run()
    assert nbtrail.active_run() is None
    nbtrail.end_run()


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_ends_as_told(status: str) -> None:
    run = nbtrail.start_run()
    nbtrail.end_run(status)  # type: ignore[arg-type]
    assert run.info.status == status


@pytest.mark.parametrize("status", ["RUNNING", "finished", None, 3])
def test_other_ends_are_refused(status: str) -> None:
    with nbtrail.start_run() as run:
        with pytest.raises(InvalidValue, match="FINISHED, FAILED or KILLED"):
            nbtrail.end_run(status)  # type: ignore[arg-type]
        assert run.info.status == "RUNNING"


def test_files_are_kept(workdir: Path) -> None:
    source = workdir / "made"
    source.mkdir()
    (source / "a.txt").write_text("a")
    with nbtrail.start_run() as run:
        nbtrail.log_artifact(source / "a.txt")
        nbtrail.log_artifact(str(source / "a.txt"), "deep/er")
        nbtrail.log_artifact(source)
        nbtrail.log_artifacts(str(source), "all")
        nbtrail.log_text("größe", "notes/n.txt")
        nbtrail.log_dict({"a": [1, None]}, "d.json")
        nbtrail.log_dict({"b": 1, "a": [2]}, "d.yaml")
        root = Path(nbtrail.get_artifact_uri())
        assert nbtrail.get_artifact_uri("d.json") == f"{root}/d.json"
    assert root == Path(run.info.artifact_uri)
    found = {p.relative_to(root).as_posix(): p.read_text() for p in root.rglob("*") if p.is_file()}
    assert json.loads(found.pop("d.json")) == {"a": [1, None]}
    assert found == {
        "a.txt": "a", "deep/er/a.txt": "a", "made/a.txt": "a", "all/a.txt": "a",
        "notes/n.txt": "größe", "d.yaml": "b: 1\na:\n- 2\n",
    }  # fmt: skip


def test_a_missing_file_opens_no_run() -> None:
    with pytest.raises(NotFound, match=r"no file 'nowhere.txt'"):
        nbtrail.log_artifact("nowhere.txt")
    with pytest.raises(InvalidValue, match="not an artifact path"):
        nbtrail.log_text("x", "../x")
    assert not Path(".nbtrail").exists()


def test_figures_of_matplotlib_and_plotly() -> None:
    import matplotlib.pyplot as plt
    import plotly.graph_objects as go

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    plotted = go.Figure(go.Scatter(y=[1, 2]))
    with nbtrail.start_run() as run:
        nbtrail.log_figure(figure, "a.png")
        nbtrail.log_figure(figure, "plots/a.svg")
        nbtrail.log_figure(plotted, "b.html")
        nbtrail.log_figure(plotted, "b.json")
        with pytest.raises(InvalidValue, match=r"\.html or \.json"):
            nbtrail.log_figure(plotted, "b.png")
        with pytest.raises(InvalidValue, match="not a int"):
            nbtrail.log_figure(3, "c.png")
    plt.close(figure)
    root = Path(run.info.artifact_uri)
    assert (root / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (root / "plots" / "a.svg").read_text()
    assert "<html" in (root / "b.html").read_text()
    assert json.loads((root / "b.json").read_text())["data"]
    assert not (root / "b.png").exists()


# Searching


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


def test_search_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InvalidValue, match="output_format"):
        nbtrail.search_runs(output_format="polars")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="run_view_type"):
        nbtrail.search_runs(run_view_type=2)


# Place


def test_experiments_by_name_and_id(store: Store) -> None:
    with pytest.raises(InvalidValue, match="name or its id"):
        nbtrail.set_experiment()
    with pytest.raises(InvalidValue, match="name or its id"):
        nbtrail.set_experiment("a", "1")
    with pytest.raises(InvalidValue, match="name that is not empty"):
        nbtrail.set_experiment(" ")
    with pytest.raises(NotFound, match="no experiment with id '9'"):
        nbtrail.set_experiment(experiment_id="9")
    made = nbtrail.set_experiment("iris")
    assert nbtrail.set_experiment(experiment_id=made.experiment_id) == made
    with nbtrail.start_run() as run:
        assert run.info.experiment_id == made.experiment_id
    with nbtrail.start_run(experiment_id="0") as run:
        assert run.info.experiment_id == "0"


def test_the_environment_names_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBTRAIL_EXPERIMENT", "from outside")
    with nbtrail.start_run() as run:
        experiment = run.store.experiments.get(run.info.experiment_id)
    assert experiment.name == "from outside"


def test_another_tracking_uri_is_another_store(workdir: Path) -> None:
    nbtrail.set_experiment("iris")
    with nbtrail.start_run():
        pass
    nbtrail.set_tracking_uri("sqlite:///other.db")
    nbtrail.set_experiment("wine")
    nbtrail.set_experiment("iris")
    with nbtrail.start_run() as run:
        assert run.store.experiments.get(run.info.experiment_id).name == "iris"
    assert nbtrail.get_tracking_uri() == f"sqlite:///{workdir}/other.db"
    nbtrail.set_tracking_uri(workdir / "third")
    with nbtrail.start_run() as run:
        assert run.store.experiments.get(run.info.experiment_id).name == "iris"
    nbtrail.set_tracking_uri(None)
    assert len(names()) == 1
    nbtrail.set_tracking_uri("http://host/x")
    with pytest.raises(InvalidValue, match="not a place"):
        nbtrail.log_metric("a", 1)


def test_a_new_store_is_told_in_one_line(
    workdir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nbtrail.log_param("a", 1)
    nbtrail.end_run()
    assert capsys.readouterr() == ("", f"nbtrail records in {workdir}/.nbtrail\n")
    nbtrail.set_tracking_uri(None)
    nbtrail.log_param("a", 1)
    nbtrail.end_run()
    nbtrail.set_tracking_uri("chosen")
    nbtrail.log_param("a", 1)
    assert capsys.readouterr() == ("", "")
