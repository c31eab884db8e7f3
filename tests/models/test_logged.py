from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

import nbtrail
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import MLmodel, load_model, log_model, resolve
from nbtrail.registry import register_model
from nbtrail.store import Store

Wine = tuple[pd.DataFrame, Any]


def test_logs_under_the_active_run(classifier: Pipeline, wine: Wine, store: Store) -> None:
    with nbtrail.start_run() as run:
        info = log_model(classifier, "wine", input_example=wine[0])
    assert info.run_id == run.info.run_id
    assert info.model_uri == f"models:/{info.model_id}"
    assert info.flavors.keys() == {"python_function", "sklearn"}
    (logged,) = store.registry.logged_models(run.info.run_id)
    assert (logged.model_id, logged.name, logged.flavor) == (info.model_id, "wine", "sklearn")
    about = MLmodel.read(resolve(info.model_uri))
    assert (about.model_id, about.run_id) == (info.model_id, run.info.run_id)
    assert about.signature == info.signature


def test_starts_a_run_if_there_is_none(classifier: Pipeline, store: Store) -> None:
    info = log_model(classifier)
    nbtrail.end_run()
    assert store.runs.get(info.run_id).info.status == "FINISHED"


def test_a_failure_records_no_model(store: Store) -> None:
    with nbtrail.start_run() as run:
        with pytest.raises(InvalidValue):
            log_model(object(), "wine")
        for name in ("a/b", "a:b", "", " ", ".."):
            with pytest.raises(InvalidValue, match="cannot name a model"):
                log_model(object(), name)
    assert store.registry.logged_models(run.info.run_id) == []
    assert list((store.directory / "artifacts").rglob("MLmodel")) == []


def test_every_uri_finds_it(classifier: Pipeline, wine: Wine, store: Store) -> None:
    with nbtrail.start_run() as run:
        log_model(classifier, "wine")
        last = log_model(classifier, "wine", input_example=wine[0])
    version = register_model(last.model_uri, "cellar")
    path = resolve(last.model_uri)
    uris = [
        f"runs:/{run.info.run_id}/wine",
        f"models:/cellar/{version.version}",
        str(path),
        f"file://{path}",
    ]
    for uri in uris:
        assert resolve(uri, store) == path
        assert (load_model(uri).predict(wine[0]) == classifier.predict(wine[0])).all()


def test_a_model_that_an_older_client_put_among_the_artifacts(
    classifier: Pipeline, store: Store
) -> None:
    with nbtrail.start_run() as run:
        path = Path(run.info.artifact_uri) / "old"
        nbtrail.save_model(classifier, path)
    assert resolve(f"runs:/{run.info.run_id}/old", store) == path


def test_what_is_not_there_is_named_with_the_closest(classifier: Pipeline, store: Store) -> None:
    with nbtrail.start_run() as run:
        info = log_model(classifier, "wine")
    register_model(info.model_uri, "cellar")
    wrong = {
        "models:/celar/1": "Did you mean 'cellar'",
        "models:/cellar/9": "has no version 9",
        f"models:/m-{'0' * 32}": "no logged model",
        f"runs:/{run.info.run_id}/wime": "Did you mean 'wine'",
        f"runs:/{run.info.run_id}": "has no model ''",
        "runs:/unknown/wine": "unknown",
        "nowhere": "no model directory",
        ".": "no MLmodel file",
    }
    for uri, said in wrong.items():
        with pytest.raises(NotFound, match=said):
            resolve(uri, store)


@pytest.mark.parametrize("uri", ["models:/", "models:/a/b/c", "models:/a//", "s3:/bucket/model"])
def test_what_is_no_model_uri_is_refused(uri: str, store: Store) -> None:
    with pytest.raises(InvalidValue, match="does not name a model"):
        resolve(uri, store)


def test_a_uri_without_a_version_says_what_to_write(classifier: Pipeline, store: Store) -> None:
    register_model(log_model(classifier).model_uri, "cellar")
    nbtrail.end_run()
    with pytest.raises(InvalidValue, match="models:/cellar/1"):
        resolve("models:/cellar", store)


def test_what_is_known_of_a_model(classifier: Pipeline, store: Store) -> None:
    with nbtrail.start_run() as run:
        logged = log_model(classifier, "wine", metadata={"team": "red"}, pip_requirements=["six"])
    for uri in (logged.model_uri, f"runs:/{run.info.run_id}/wine"):
        known = nbtrail.models.get_model_info(uri)
        assert (known.model_id, known.run_id, known.name) == (
            logged.model_id, run.info.run_id, "wine"
        )  # fmt: skip
        assert (known.metadata, known.signature_dict) == ({"team": "red"}, None)
    last = nbtrail.last_logged_model()
    assert last is not None
    assert nbtrail.get_logged_model(last.model_id) == last
    assert Path(nbtrail.pyfunc.get_model_dependencies(logged.model_uri)).read_text() == "six\n"
    with pytest.raises(InvalidValue, match="pip or conda, not 'poetry'"):
        nbtrail.pyfunc.get_model_dependencies(logged.model_uri, "poetry")


def test_a_signature_that_comes_later(
    classifier: Pipeline, wine: tuple[pd.DataFrame, Any], store: Store
) -> None:
    given = nbtrail.infer_signature(wine[0])
    with nbtrail.start_run():
        logged, twin = log_model(classifier, "wine"), log_model(classifier, "twin")
    nbtrail.models.set_signature(logged.model_uri, given)
    assert load_model(logged.model_uri).signature == given  # and the digests hold
    assert load_model(twin.model_uri).signature is None
    nbtrail.register_model(logged.model_uri, "cellar")
    with pytest.raises(InvalidValue, match="registered version, which does not change"):
        nbtrail.models.set_signature("models:/cellar/1", given)
