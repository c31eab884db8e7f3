"""Models on a real S3 (moto's server)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

import nbtrail
from nbtrail.artifacts import ArtifactRepository
from nbtrail.errors import InvalidValue, NotFound, StoreError
from nbtrail.models import integrity, load_model, load_native, log_model, save_model
from nbtrail.registry import register_model
from nbtrail.store import Store


@pytest.fixture
def cache(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models are copied to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(workdir / "cache"))
    return workdir / "cache" / "nbtrail" / "models"


def test_models_of_an_experiment_whose_artifacts_are_on_s3(
    s3: str, cache: Path, store: Store, classifier: Pipeline, wine: tuple[pd.DataFrame, Any]
) -> None:
    nbtrail.create_experiment("far", artifact_location=s3)
    nbtrail.set_experiment("far")
    with nbtrail.start_run() as run:
        info = log_model(classifier, "wine", input_example=wine[0].head(2))
        ArtifactRepository(run.info.artifact_uri).upload(_saved(classifier, "old"), "as/before/old")
    version = register_model(info.model_uri, "cellar")
    assert version.flavor == "sklearn"
    expected = classifier.predict(wine[0]).tolist()
    [logged] = store.registry.logged_models(run.info.run_id)
    uris = [info.model_uri, f"runs:/{run.info.run_id}/wine", "models:/cellar/1"]
    for uri in [*uris, logged.artifact_uri]:
        assert load_model(uri).predict(wine[0]).tolist() == expected
    assert len([*cache.iterdir()]) == 1  # the URI is the same, and so is what is there
    old = load_native(f"runs:/{run.info.run_id}/as/before/old")
    assert old.predict(wine[0]).tolist() == expected
    assert len([*cache.iterdir()]) == 2


def test_what_was_changed_there_is_not_loaded(s3: str, cache: Path, classifier: Pipeline) -> None:
    there = ArtifactRepository(s3)
    there.upload(_saved(classifier, "model"), "model")
    there.write("model/model.skops", b"something else")
    with pytest.raises(InvalidValue, match=rf"{s3}/model is damaged: its file model\.skops is not"):
        load_model(f"{s3}/model")
    assert [*cache.iterdir()] == []


def test_a_copy_is_made_again_when_the_model_has_changed(
    s3: str, cache: Path, classifier: Pipeline, wine: tuple[pd.DataFrame, Any]
) -> None:
    there = ArtifactRepository(s3)
    there.upload(_saved(classifier, "model"), "model")
    first = load_native(f"{s3}/model")
    there.upload(_saved(classifier.fit(wine[0], 2 - wine[1]), "model"), "model")
    second = load_native(f"{s3}/model")
    assert (first.predict(wine[0]) == 2 - second.predict(wine[0])).all()


def test_a_model_without_digests(s3: str, cache: Path, classifier: Pipeline) -> None:
    folder = _saved(classifier, "model")
    (folder / integrity.FILE).unlink()  # as MLflow writes it
    ArtifactRepository(s3).upload(folder, "model")
    assert load_model(f"{s3}/model").metadata.flavors["sklearn"]


def test_where_there_is_no_model(s3: str, cache: Path) -> None:
    with pytest.raises(NotFound, match="no MLmodel file"):
        load_model(f"{s3}/model")
    with pytest.raises((StoreError, NotFound), match="no-such-bucket"):
        load_model("s3://no-such-bucket/model")
    with pytest.raises(InvalidValue, match="Did you mean 's3'"):
        load_model("s33://bucket/model")


def _saved(model: Pipeline, name: str) -> Path:
    shutil.rmtree(name, ignore_errors=True)
    save_model(model, name)
    return Path(name)
