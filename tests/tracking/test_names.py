"""Names, arguments and their order are those of MLflow 3.17."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import nbtrail
from nbtrail import entities

FLUENT = {
    "set_tracking_uri": "uri",
    "get_tracking_uri": "",
    "is_tracking_uri_set": "",
    "set_experiment": "experiment_name experiment_id",
    "create_experiment": "name artifact_location tags",
    "get_experiment": "experiment_id",
    "get_experiment_by_name": "name",
    "search_experiments": "view_type max_results filter_string order_by",
    "delete_experiment": "experiment_id",
    "set_experiment_tag": "key value",
    "set_experiment_tags": "tags",
    "delete_experiment_tag": "key",
    "start_run": (
        "run_id experiment_id run_name nested parent_run_id tags description log_system_metrics"
    ),
    "end_run": "status",
    "active_run": "",
    "last_active_run": "",
    "get_run": "run_id",
    "get_parent_run": "run_id",
    "delete_run": "run_id",
    "restore_run": "run_id",
    "search_runs": (
        "experiment_ids filter_string run_view_type max_results order_by output_format "
        "search_all_experiments experiment_names"
    ),
    "log_param": "key value synchronous",
    "log_params": "params synchronous run_id",
    "log_metric": "key value step synchronous timestamp run_id model_id dataset",
    "log_metrics": "metrics step synchronous run_id timestamp model_id dataset",
    "set_tag": "key value synchronous",
    "set_tags": "tags synchronous",
    "delete_tag": "key",
    "log_artifact": "local_path artifact_path run_id",
    "log_artifacts": "local_dir artifact_path run_id",
    "log_text": "text artifact_file run_id",
    "log_dict": "dictionary artifact_file run_id",
    "log_figure": "figure artifact_file save_kwargs",
    "log_image": "image artifact_file key step timestamp synchronous",
    "log_table": "data artifact_file run_id",
    "load_table": "artifact_file run_ids extra_columns",
    "log_input": "dataset context tags",
    "log_inputs": "datasets contexts tags_list",
    "get_artifact_uri": "artifact_path",
    "enable_system_metrics_logging": "",
    "disable_system_metrics_logging": "",
    "set_system_metrics_sampling_interval": "interval",
    "set_system_metrics_samples_before_logging": "samples",
    "set_system_metrics_node_id": "node_id",
    "set_registry_uri": "uri",
    "get_registry_uri": "",
    "log_stream": "stream artifact_file run_id",
    "flush_async_logging": "",
}
# What MLflow's module has not, but its client or the design.
OWN = {
    "restore_experiment": "experiment_id",
    "rename_experiment": "experiment_id new_name",
    "log_batch": "metrics params tags run_id synchronous",
    "log_histogram": "values key step bins edges timestamp run_id",
    "register_run": "document fields",
    "history": "run_ids keys points x group_by output_format",
}
CLIENT = {
    "create_experiment": "name artifact_location tags",
    "get_experiment": "experiment_id",
    "get_experiment_by_name": "name",
    "search_experiments": "view_type max_results filter_string order_by page_token",
    "rename_experiment": "experiment_id new_name",
    "delete_experiment": "experiment_id",
    "restore_experiment": "experiment_id",
    "set_experiment_tag": "experiment_id key value",
    "delete_experiment_tag": "experiment_id key",
    "create_run": "experiment_id start_time tags run_name",
    "get_run": "run_id",
    "get_parent_run": "run_id",
    "search_runs": ("experiment_ids filter_string run_view_type max_results order_by page_token"),
    "update_run": "run_id status name",
    "set_terminated": "run_id status end_time",
    "delete_run": "run_id",
    "restore_run": "run_id",
    "get_metric_history": "run_id key",
    "log_metric": (
        "run_id key value timestamp step synchronous dataset_name dataset_digest model_id"
    ),
    "log_param": "run_id key value synchronous",
    "log_batch": "run_id metrics params tags synchronous",
    "set_tag": "run_id key value synchronous",
    "delete_tag": "run_id key",
    "log_inputs": "run_id datasets",
    "log_artifact": "run_id local_path artifact_path",
    "log_artifacts": "run_id local_dir artifact_path",
    "log_text": "run_id text artifact_file",
    "log_dict": "run_id dictionary artifact_file",
    "log_figure": "run_id figure artifact_file save_kwargs",
    "log_image": "run_id image artifact_file key step timestamp synchronous",
    "log_table": "run_id data artifact_file",
    "load_table": "experiment_id artifact_file run_ids extra_columns",
    "list_artifacts": "run_id path",
    "download_artifacts": "run_id path dst_path",
    "get_logged_model": "model_id",
    "get_registered_model": "name",
    "get_model_version": "name version",
    "get_model_version_download_uri": "name version",
}
ARTIFACTS = {
    "download_artifacts": "artifact_uri run_id artifact_path dst_path tracking_uri registry_uri",
    "list_artifacts": "artifact_uri run_id artifact_path tracking_uri",
    "load_text": "artifact_uri",
    "load_dict": "artifact_uri",
    "load_image": "artifact_uri",
}
ENTITIES = {
    "Metric": "key value timestamp step model_id dataset_name dataset_digest run_id",
    "Param": "key value",
    "RunTag": "key value",
    "ExperimentTag": "key value",
    "Experiment": (
        "experiment_id name artifact_location lifecycle_stage tags creation_time last_update_time"
    ),
    "RunInfo": (
        "run_id experiment_id user_id status start_time end_time lifecycle_stage artifact_uri "
        "run_name"
    ),
    "Dataset": "name digest source_type source schema profile",
    "DatasetInput": "dataset tags",
    "InputTag": "key value",
    "RunInputs": "dataset_inputs model_inputs",
    "RunOutputs": "model_outputs",
    "LoggedModelInput": "model_id",
    "LoggedModelOutput": "model_id step",
    "FileInfo": "path is_dir file_size",
}


def arguments(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize(("name", "expected"), (FLUENT | OWN).items())
def test_functions(name: str, expected: str) -> None:
    assert arguments(getattr(nbtrail, name)) == expected.split()
    assert name in dir(nbtrail)


@pytest.mark.parametrize(("name", "expected"), CLIENT.items())
def test_methods_of_the_client(name: str, expected: str) -> None:
    assert arguments(getattr(nbtrail.Client, name)) == expected.split()


@pytest.mark.parametrize(("name", "expected"), ARTIFACTS.items())
def test_functions_of_artifacts(name: str, expected: str) -> None:
    assert arguments(getattr(nbtrail.artifacts, name)) == expected.split()


@pytest.mark.parametrize(("name", "expected"), ENTITIES.items())
def test_fields_of_entities_come_first_and_in_order(name: str, expected: str) -> None:
    fields = list(getattr(entities, name).__struct_fields__)
    assert fields[: len(expected.split())] == expected.split()


def test_mlflows_other_ways_to_the_same_things() -> None:
    assert nbtrail.tracking.MlflowClient is nbtrail.client.Client is nbtrail.Client
    assert nbtrail.tracking.set_tracking_uri is nbtrail.set_tracking_uri
    assert nbtrail.entities.ViewType.ALL == 3
    for missing in (lambda: nbtrail.nothing, lambda: nbtrail.artifacts.nothing):
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            missing()


def test_statuses_and_views_have_names_and_numbers() -> None:
    status = entities.RunStatus
    assert status.to_string(status.FINISHED) == "FINISHED"
    assert status.from_string("KILLED") == 5
    assert [one for one in status.all_status() if not status.is_terminated(one)] == [1, 2]
    assert entities.ViewType.from_string("active_only") == 1
    assert entities.ViewType.to_string(entities.ViewType.ALL) == "all"
    stage = entities.LifecycleStage
    assert stage.ACTIVE == "active"
    assert stage.is_valid("deleted")
    assert not stage.is_valid("gone")
    assert stage.view_type_to_stages() == ["active", "deleted"]
    assert stage.view_type_to_stages(entities.ViewType.DELETED_ONLY) == ["deleted"]
    assert stage.matches_view_type(entities.ViewType.ALL, "active")
    assert not stage.matches_view_type(entities.ViewType.DELETED_ONLY, "active")
    with pytest.raises(ValueError, match="none of RUNNING, SCHEDULED"):
        status.from_string("DONE")


def test_entities_are_made_as_in_mlflow() -> None:
    points = [entities.Metric("a", 1.0, 1, 0)]
    params, tags = [entities.Param("p", "1")], [entities.RunTag("t", "v")]
    for data in (
        entities.RunData(metrics=points, params=params, tags=tags),  # type: ignore[arg-type]
        entities.RunData(points, params, tags),  # type: ignore[arg-type]
    ):
        assert dict(data) == {"metrics": {"a": 1.0}, "params": {"p": "1"}, "tags": {"t": "v"}}
        assert data.metric_summaries[0].max == 1.0
    assert dict(entities.RunData([], [], [])) == {"metrics": {}, "params": {}, "tags": {}}  # type: ignore[arg-type]
    info = entities.RunInfo("id", "0", "me", "FINISHED", 1, 2, run_name="first")
    assert entities.Run(run_info=info, run_data=data) == entities.Run(info, data)  # type: ignore[call-arg]
    assert repr(entities.Run(info, data)) == (
        "<Run first (id), FINISHED: 1 metrics, 1 params, 1 tags>"
    )
    labels = [entities.ExperimentTag("a", "b")]
    assert entities.Experiment("1", "n", "l", "active", labels).tags == {"a": "b"}  # type: ignore[arg-type]
    assert entities.Experiment.DEFAULT_EXPERIMENT_NAME == "Default"


def test_records_become_dictionaries() -> None:
    assert dict(entities.Param("a", "1"))["value"] == "1"
    with nbtrail.start_run() as run:
        nbtrail.log_metric("m", 1)
        nbtrail.log_param("p", 2)
    document = run.to_dictionary()
    assert document["info"]["run_id"] == run.run_id
    assert document["data"]["metrics"] == {"m": 1.0}
    assert document["data"]["params"] == {"p": "2"}
    assert document["inputs"] == {"dataset_inputs": [], "model_inputs": []}
