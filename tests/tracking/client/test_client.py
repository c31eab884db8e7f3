"""The client: experiments, runs and models by their ids, with no run current."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import nbtrail
from nbtrail import Client
from nbtrail.entities import Dataset, DatasetInput, InputTag, LoggedModel, Metric, Param, RunTag
from nbtrail.errors import AlreadyExists, InvalidValue, NbtrailError, NotFound
from nbtrail.models import MLmodel
from nbtrail.store import Store


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def run_id(client: Client) -> str:
    return client.create_run("0", run_name="by id", tags={"a": 1}).info.run_id


def test_a_run_from_its_start_to_its_end(client: Client, store: Store) -> None:
    run = client.create_run("0", start_time=5, tags={"mlflow.parentRunId": "x", "n": 1})
    run_id = run.info.run_id
    assert nbtrail.active_run() is None
    assert (run.info.status, run.info.start_time) == ("RUNNING", 5)
    assert run.info.run_name == run.data.tags["mlflow.runName"]
    client.log_metric(run_id, "loss", 2.0, timestamp=7, step=3)
    client.log_metric(run_id, "loss", "0.5", step=4)  # type: ignore[arg-type]
    assert client.log_param(run_id, "lr", 0.1) == 0.1
    client.set_tag(run_id, "b", 2)
    client.delete_tag(run_id, "n")
    client.log_batch(
        run_id, [Metric("acc", math.nan, 8, 0)], [Param("depth", "3")], [RunTag("c", "3")]
    )
    client.set_terminated(run_id, "FAILED", end_time=99)
    found = client.get_run(run_id)
    assert (found.info.status, found.info.end_time) == ("FAILED", 99)
    assert found.data.params == {"depth": "3", "lr": "0.1"}
    assert found.data.metrics == pytest.approx({"loss": 0.5, "acc": math.nan}, nan_ok=True)
    assert (found.data.tags["b"], found.data.tags["c"], "n" in found.data.tags) == ("2", "3", False)
    history = client.get_metric_history(run_id, "loss")
    assert [(m.value, m.step) for m in history] == [(2.0, 3), (0.5, 4)]
    assert history[0].timestamp == 7
    assert client.get_metric_history(run_id, "nothing") == []


def test_mistakes_are_told(client: Client, run_id: str) -> None:
    with pytest.raises(NotFound, match="no experiment with id '9'"):
        client.create_run("9")
    for call in (
        lambda: client.get_run("x"),
        lambda: client.log_metric("x", "a", 1),
        lambda: client.log_param("x", "a", 1),
        lambda: client.log_text("x", "a", "a.txt"),
        lambda: client.set_terminated("x"),
        lambda: client.get_metric_history("x", "a"),
        lambda: client.list_artifacts("x"),
    ):
        with pytest.raises(NotFound, match="no run 'x'"):
            call()
    for call in (
        lambda: client.set_terminated(run_id, "DONE"),  # type: ignore[arg-type]
        lambda: client.log_metric(run_id, "a", "x"),  # type: ignore[arg-type]
        lambda: client.log_param(run_id, "a=b", 1),
        lambda: client.log_text(run_id, "a", "../a.txt"),
        lambda: client.search_runs(["0"], run_view_type=7),
        lambda: client.search_experiments(view_type=0),
    ):
        with pytest.raises(InvalidValue):
            call()


def test_names_statuses_and_parents(client: Client, run_id: str) -> None:
    info = client.update_run(run_id, name="other")
    assert (info.run_name, info.status) == ("other", "RUNNING")
    assert client.get_run(run_id).data.tags["mlflow.runName"] == "other"
    child = client.create_run("0", tags={"mlflow.parentRunId": run_id}).info.run_id
    parent = client.get_parent_run(child)
    assert parent is not None
    assert parent.info.run_id == run_id
    assert client.get_parent_run(run_id) is None
    assert client.update_run(run_id, status="FINISHED").status == "FINISHED"


def test_a_deleted_run_takes_nothing(client: Client, run_id: str) -> None:
    client.log_metric(run_id, "a", 1)
    client.delete_run(run_id)
    for call in (
        lambda: client.log_metric(run_id, "a", 1),
        lambda: client.log_param(run_id, "a", 1),
        lambda: client.set_tag(run_id, "a", 1),
        lambda: client.set_terminated(run_id),
        lambda: nbtrail.start_run(run_id=run_id),
        lambda: nbtrail.start_run(parent_run_id=run_id),
    ):
        with pytest.raises(InvalidValue, match="is deleted"):
            call()
    assert client.search_runs(["0"]) == []
    assert len(client.search_runs(["0"], run_view_type=2)) == 1
    client.restore_run(run_id)
    client.log_metric(run_id, "a", 2)
    assert client.get_run(run_id).data.metrics == {"a": 2.0}


def test_pages_of_runs(client: Client) -> None:
    ids = [client.create_run("0", start_time=n + 1).info.run_id for n in range(5)]
    found, token, sizes = list[str](), None, []
    while True:
        page = client.search_runs(
            ["0"], order_by=["start_time ASC"], max_results=2, page_token=token
        )
        found += [run.info.run_id for run in page]
        sizes.append(len(page))
        token = page.token
        if token is None:
            break
    assert (found, sizes) == (ids, [2, 2, 1])
    assert client.search_runs([]) == []


def test_experiments(client: Client) -> None:
    made = client.create_experiment("one", tags={"project": "a"})
    client.set_experiment_tag(made, "n", 1)
    client.delete_experiment_tag(made, "project")
    client.rename_experiment(made, "two")
    found = client.get_experiment(made)
    assert (found.name, found.tags) == ("two", {"n": "1"})
    assert client.get_experiment_by_name("one") is None
    page = client.search_experiments(max_results=1)
    assert [one.name for one in page] == ["two"]
    rest = client.search_experiments(max_results=1, page_token=page.token)
    assert ([one.name for one in rest], rest.token) == (["Default"], None)
    client.delete_experiment(made)
    client.restore_experiment(made)
    with pytest.raises(AlreadyExists):
        client.create_experiment("two")


def test_history_is_edited(client: Client, run_id: str) -> None:
    client.log_metric(run_id, "a", 1)
    client.log_param(run_id, "p", 1)
    client.log_param(run_id, "q", 1)
    client.rename_metric(run_id, "a", "b")
    client.rename_param(run_id, "p", "r")
    client.delete_param(run_id, "q")
    client.set_note(run_id, "why")
    client.log_metric(run_id, "a", 2)
    run = client.get_run(run_id)
    assert (run.data.metrics, run.data.params) == ({"a": 2.0, "b": 1.0}, {"r": "1"})
    assert run.data.tags["mlflow.note.content"] == "why"
    client.delete_metric(run_id, "b")
    assert client.get_run(run_id).data.metrics == {"a": 2.0}
    assert client.undo(run_id).action == "undo delete_metric"
    assert client.get_run(run_id).data.metrics == {"a": 2.0, "b": 1.0}
    assert [edit.action for edit in client.list_edits(run_id)][-1] == "undo delete_metric"
    with pytest.raises(NotFound):
        client.list_edits("missing")
    assert client.get_metric_history(run_id, "a").token is None


def test_inputs(client: Client, run_id: str) -> None:
    data = Dataset("d", "abc", "local", "d.csv")
    client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "train")])])
    (found,) = client.get_run(run_id).inputs.dataset_inputs
    assert (found.dataset, found.tags[0].value) == (data, "train")


def test_files(client: Client, run_id: str, workdir: Path) -> None:
    (workdir / "made").mkdir()
    (workdir / "made" / "a.txt").write_text("a")
    client.log_artifact(run_id, workdir / "made" / "a.txt", "deep")
    client.log_artifacts(run_id, workdir / "made")
    client.log_text(run_id, "t", "t.txt")
    client.log_dict(run_id, {"a": 1}, "d.json")
    client.log_table(run_id, {"a": [1, 2]}, "table.json")
    client.log_histogram(run_id, [1, 2, 3], "weights", step=2)
    listed = {(one.path, one.is_dir) for one in client.list_artifacts(run_id)}
    assert listed == {
        ("a.txt", False), ("d.json", False), ("deep", True), ("histograms", True),
        ("t.txt", False), ("table.json", False),
    }  # fmt: skip
    assert [one.path for one in client.list_artifacts(run_id, "deep")] == ["deep/a.txt"]
    assert client.list_artifacts(run_id, "t.txt") == []
    fetched = client.download_artifacts(run_id, "deep", str(workdir / "to"))
    assert (Path(fetched) / "a.txt").read_text() == "a"
    assert list(client.load_table("0", "table.json")["a"]) == [1, 2]
    assert list(client.load_table("0", "table.json", run_ids=[run_id])["a"]) == [1, 2]


def test_models(client: Client, run_id: str, store: Store, tmp_path: Path) -> None:
    model_id = f"m-{'0' * 32}"
    MLmodel(flavors={"onnx": {}}).write(tmp_path)
    store.registry.log_model(LoggedModel(model_id, "0", "m", str(tmp_path), 1, run_id))
    client.log_metric(run_id, "acc", 0.5, model_id=model_id)
    assert [m.value for m in store.registry.metrics(model_id)] == [0.5]
    assert client.get_logged_model(model_id).source_run_id == run_id
    client.create_model_version("iris", f"models:/{model_id}")
    made = client.get_model_version("iris", "1")
    assert (made.model_id, made.run_id, made.flavor) == (model_id, run_id, "onnx")
    assert client.get_model_version_download_uri("iris", "1") == f"models:/{model_id}"
    assert client.get_registered_model("iris").latest_version == "1"
    with pytest.raises(NotFound, match="Did you mean 'iris'"):
        client.get_registered_model("irs")
    (tmp_path / "MLmodel").unlink()
    for source, said in (
        (str(tmp_path), "is not a model directory: it has no MLmodel file"),
        ("models:/m-" + "1" * 32, "There is no logged model"),
        ("models:/iris/7", "has no version 7"),
        (f"runs:/{run_id}/n", "has no model 'n'; it has m"),
        ("https://example.org/m", "does not name a model"),
    ):
        with pytest.raises(NbtrailError, match=said):
            client.create_model_version("iris", source)
    assert client.get_registered_model("iris").latest_version == "1"


def test_a_client_of_another_store(client: Client, workdir: Path) -> None:
    other = Client(workdir / "other")
    run_id = other.create_run("0").info.run_id
    other.log_metric(run_id, "a", 1)
    assert other.get_run(run_id).data.metrics == {"a": 1.0}
    assert other.tracking_uri == str(workdir / "other")
    assert client.tracking_uri == nbtrail.get_tracking_uri()
    with pytest.raises(NotFound):
        client.get_run(run_id)
