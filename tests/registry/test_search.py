"""Versions found by what is known of them, compared, and traced to where they came from."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

import nbtrail
from nbtrail.entities import Dataset, DatasetInput, InputTag
from nbtrail.errors import InvalidValue
from nbtrail.models import resolve
from nbtrail.registry import compare_versions, origin, register_model
from nbtrail.store import Store
from registry import written


@pytest.fixture
def wine(store: Store) -> Store:
    """Return a store with a pipeline and a plain regression as versions 1 and 2."""
    for number, estimator in enumerate((written.PIPELINE, written.LINEAR)):
        with nbtrail.start_run():
            nbtrail.log_metrics({"auc": 0.8 + number / 10, "loss": 0.85})
            nbtrail.log_param("depth", number)
            uri = written.log(estimator)
        register_model(uri, "wine", tags={"number": number})
    store.model_notes.set_alias("wine", "best", "2")
    store.drain()
    return store


FOUND = {
    "flavor = 'sklearn' and algorithm LIKE '%Linear%' and metrics.auc > 0.85": "2",
    "algorithm LIKE 'Pipeline(%Scaler%'": "1",
    "algorithm = 'LinearRegression'": "2",
    "columns LIKE '%alcohol%' and not params.depth >= 1": "1",
    "metrics.auc > metrics.loss": "2",
    "metrics.auc.max IN (0.8, 7)": "1",
    "tags.number = '0' or aliases LIKE '%best%'": "12",
    "tags.never IS NULL and version > 1": "2",
    "run_id IS NULL": "",
    "name = 'wine' and size > 50": "12",
    "": "12",
}


def test_versions_are_found_by_what_is_known_of_them(wine: Store) -> None:
    for asked, found in FOUND.items():
        versions, _ = wine.registry.search.versions(asked, order_by=["version"])
        assert (asked, "".join(one.version for one in versions)) == (asked, found)


def test_versions_come_in_order_and_in_pages(wine: Store) -> None:
    search = wine.registry.search
    for order, versions in {
        "metrics.auc desc": "21",
        "metrics.auc": "12",
        "params.depth desc": "21",
        "tags.number": "12",
        "version_number desc": "21",
    }.items():
        first, token = search.versions("", 1, [order])
        second, end = search.versions("", 1, [order], token)
        assert (first[0].version + second[0].version, end) == (versions, None)
    with pytest.raises(InvalidValue, match="another question"):
        search.versions("version > 0", 1, ["version"], search.versions("", 1)[1])


def test_a_mistake_in_a_filter_is_told(wine: Store) -> None:
    for asked, message in {
        "flavour = 'sklearn'": "Did you mean 'flavor'",
        "version = = 1": "character",
        "datasets.name = 'x'": "no datasets",
        "metrics.aucc > 0.5": "Did you mean 'auc'",
    }.items():
        with pytest.raises(InvalidValue, match=message):
            wine.registry.search.versions(asked)


def test_models_are_found_by_name_and_tags(wine: Store) -> None:
    client = nbtrail.Client()
    client.create_registered_model("beer", {"team": "blue"})
    for asked, names in {
        "name LIKE 'w%'": ["wine"],
        "name ILIKE 'B%'": ["beer"],
        "tags.team = 'blue'": ["beer"],
        "": ["beer", "wine"],
    }.items():
        assert [one.name for one in client.search_registered_models(asked)] == names
    (latest,) = client.get_registered_model("wine").latest_versions
    assert latest.version == "2"
    assert client.get_registered_model("beer").latest_versions == []
    page = client.search_registered_models(max_results=1)
    assert [one.name for one in client.search_registered_models(page_token=page.token)] == ["wine"]


def test_two_versions_are_compared_by_subject(wine: Store) -> None:
    found = compare_versions("wine", 1, 2)
    changes = {
        section.title: ({row.key: row.change for row in section.rows}, section.note)
        for section in found.sections
    }
    assert list(changes) == [
        *("signature", "params", "metrics", "data"),
        *("cells", "environment", "size", "latency"),
    ]
    assert changes["signature"][0] == {"inputs": "same", "outputs": "same"}
    assert changes["params"][0] == {"depth": "changed"}
    assert changes["metrics"][0] == {"auc": "changed", "loss": "same"}
    assert changes["environment"][0]["scikit-learn"] == "same"
    assert changes["size"][0] == {"bytes": "changed"}
    assert changes["latency"] == ({}, "not measured")
    assert found.section("params").rows[0].right == "1"


def test_a_version_whose_files_are_gone_is_compared_as_far_as_it_goes(wine: Store) -> None:
    rmtree(resolve("models:/wine/2", wine))
    found = compare_versions("wine", 1, 2)
    assert found.section("signature").note == "the files of one of them are gone"
    assert found.section("metrics").rows


def test_a_version_knows_run_data_and_code(store: Store, tmp_path: Path) -> None:
    with nbtrail.start_run(run_name="fitted") as run:
        grapes = Dataset("grapes", "0" * 8, "code", "{}")
        tags = [InputTag("mlflow.data.context", "train")]
        nbtrail.Client().log_inputs(run.info.run_id, [DatasetInput(grapes, tags)])
        uri = written.log(written.LINEAR)
    register_model(uri, "wine")
    found = origin("wine", 1)
    assert (found.run_id, found.run_name) == (run.info.run_id, "fitted")
    assert [(one.name, one.context) for one in found.datasets] == [("grapes", "train")]
    store.registry.create_version("wine", "/nowhere")
    assert origin("wine", 2).run_id is None


def test_a_copy_is_found_and_compared_like_its_original(wine: Store) -> None:
    client = nbtrail.Client()
    copy = client.copy_model_version("models:/wine@best", "production", reason="release")
    original = client.get_model_version("wine", "2")
    assert (copy.version, copy.source, copy.tags) == ("1", original.source, original.tags)
    assert copy.algorithm == original.algorithm
    found = compare_versions("wine", 2, 1, right_name="production")
    assert all(row.change == "same" for section in found.sections for row in section.rows)


def test_mlflows_functions_search_and_tag(wine: Store) -> None:
    nbtrail.set_model_version_tag("wine", "1", "checked", "yes")
    (found,) = nbtrail.search_model_versions(filter_string="tags.checked = 'yes'")
    assert found.version == "1"
    wine.registry.edits.create("beer")
    assert [one.name for one in nbtrail.search_registered_models()] == ["beer", "wine"]
    assert [one.name for one in nbtrail.search_registered_models(1)] == ["beer"]
