"""MLflow's `artifacts` functions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import nbtrail
from nbtrail import artifacts
from nbtrail.entities import LoggedModel
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store


@pytest.fixture
def run_id() -> str:
    with nbtrail.start_run() as run:
        nbtrail.log_text("größe", "notes/n.txt")
        nbtrail.log_dict({"a": [1]}, "d.json")
        nbtrail.log_image(Image.new("RGB", (2, 3)), "i.png")
    return run.run_id


def test_what_is_here_stays_where_it_is(run_id: str, workdir: Path) -> None:
    root = Path(nbtrail.get_run(run_id).info.artifact_uri)
    assert Path(artifacts.download_artifacts(f"runs:/{run_id}/d.json")) == root / "d.json"
    assert Path(artifacts.download_artifacts(run_id=run_id)) == root
    assert Path(artifacts.download_artifacts(str(root / "d.json"))) == root / "d.json"


def test_copies_are_made_on_demand(run_id: str, workdir: Path) -> None:
    copied = artifacts.download_artifacts(
        run_id=run_id, artifact_path="notes", dst_path=workdir / "to"
    )
    assert copied == str(workdir / "to" / "notes")
    assert (workdir / "to" / "notes" / "n.txt").read_text() == "größe"
    everything = artifacts.download_artifacts(f"runs:/{run_id}", dst_path=workdir / "all")
    assert (Path(everything) / "i.png").exists()


def test_a_copy_has_its_last_name(run_id: str, workdir: Path) -> None:
    nbtrail.log_text("x", "data/train/t.txt", run_id=run_id)
    client = nbtrail.Client()
    assert client.download_artifacts(run_id, "data/train/t.txt", "out") == str(
        workdir / "out" / "t.txt"
    )
    folder = artifacts.download_artifacts(f"runs:/{run_id}/data/train/", dst_path="out")
    assert folder == str(workdir / "out" / "train")
    assert (workdir / "out" / "train" / "t.txt").read_text() == "x"
    assert not (workdir / "out" / "data").exists()


def test_paths_may_have_slashes_and_dots_too_many(run_id: str) -> None:
    client = nbtrail.Client()
    for path in ("notes/", "./notes", "notes//"):
        assert [one.path for one in client.list_artifacts(run_id, path)] == ["notes/n.txt"]
    assert len(client.list_artifacts(run_id, ".")) == 3
    client.log_dict(run_id, {}, "a//t.json")
    client.log_table(run_id, {"a": 1}, "./t.json")
    client.log_table(run_id, {"a": 2}, "t.json")
    assert nbtrail.load_table(".//t.json", [run_id])["a"].tolist() == [1, 2]
    assert client.download_artifacts(run_id, "a/./t.json").endswith("/artifacts/a/t.json")
    with nbtrail.start_run(run_id=run_id) as run:
        assert nbtrail.get_artifact_uri("notes/") == f"{run.info.artifact_uri}/notes"
        assert nbtrail.get_artifact_uri(".") == run.info.artifact_uri


def test_listing_and_loading(run_id: str) -> None:
    assert [one.path for one in artifacts.list_artifacts(run_id=run_id)] == [
        "d.json", "i.png", "notes",
    ]  # fmt: skip
    assert [one.path for one in artifacts.list_artifacts(f"runs:/{run_id}/notes/")] == [
        "notes/n.txt"
    ]
    assert artifacts.load_text(f"runs:/{run_id}/notes/n.txt") == "größe"
    assert artifacts.load_dict(f"runs:/{run_id}/d.json") == {"a": [1]}
    assert artifacts.load_image(f"runs:/{run_id}/i.png").size == (2, 3)
    for load in (artifacts.load_dict, artifacts.load_image):
        with pytest.raises(InvalidValue, match="is no"):
            load(f"runs:/{run_id}/notes/n.txt")


def test_models_have_artifacts(run_id: str, store: Store, workdir: Path) -> None:
    folder, model_id = workdir / "model", f"m-{'0' * 32}"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_text("a")
    store.registry.log_model(LoggedModel(model_id, "0", "m", str(folder), 1, run_id))
    store.registry.create_version("iris", f"models:/{model_id}", run_id, model_id)
    store.registry.create_version("iris", str(folder))
    for uri in (model_id, "iris/1", "iris/2"):
        assert artifacts.load_text(f"models:/{uri}/deep/a.txt") == "a"
    assert Path(artifacts.download_artifacts(f"models:/{model_id}")) == folder


def test_another_store(run_id: str, workdir: Path) -> None:
    here = nbtrail.get_tracking_uri()
    nbtrail.set_tracking_uri(workdir / "other")
    with pytest.raises(NotFound):
        artifacts.list_artifacts(run_id=run_id)
    assert artifacts.list_artifacts(run_id=run_id, tracking_uri=here)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, InvalidValue),
        ({"artifact_uri": "a", "run_id": "b"}, InvalidValue),
        ({"artifact_uri": "a", "artifact_path": "b"}, InvalidValue),
        ({"run_id": "missing"}, NotFound),
        ({"artifact_uri": "runs:/missing/a"}, NotFound),
        ({"artifact_uri": "models:/missing/1"}, NotFound),
        ({"artifact_uri": "nowhere/a.txt"}, NotFound),
        ({"artifact_uri": "strange://host/a.txt"}, InvalidValue),
    ],
)
def test_mistakes_are_told(arguments: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        artifacts.download_artifacts(**arguments)


@pytest.mark.parametrize("path", ["../d.json", "/etc/passwd", "notes/../../x", "a\0b"])
def test_no_way_leads_out(run_id: str, path: str) -> None:
    with pytest.raises((InvalidValue, NotFound)):
        artifacts.download_artifacts(run_id=run_id, artifact_path=path)
    with pytest.raises((InvalidValue, NotFound)):
        artifacts.load_text(f"runs:/{run_id}/{path}")
