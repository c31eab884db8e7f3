"""A copy of a store, with its artifacts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nbtrail
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.store import Store, open_store
from nbtrail.tracking.backup import backup


@pytest.fixture
def run_id(store: Store) -> str:
    """Record a run with three files, two of them equal, and a model."""
    with nbtrail.start_run() as run:
        nbtrail.log_metric("loss", 0.5)
        nbtrail.log_text("same " * 1000, "a.txt")
        nbtrail.log_text("same " * 1000, "deep/b.txt")
        nbtrail.log_text("other", "c.txt")
    run_id: str = run.info.run_id
    return run_id


def artifact(store: Store, run_id: str, path: str) -> Path:
    return Path(store.runs.get(run_id).info.artifact_uri) / path


def test_a_copy_has_everything(store: Store, run_id: str, workdir: Path) -> None:
    uri = backup(store, "copy.db")
    assert uri == f"sqlite:///{workdir}/copy.db"
    copy = open_store(uri)
    assert copy.runs.get(run_id).data == store.runs.get(run_id).data
    for name in ("a.txt", "deep/b.txt", "c.txt"):
        copied = artifact(copy, run_id, name)
        assert copied.is_relative_to(workdir / "copy.db.trail")
        assert copied.read_bytes() == artifact(store, run_id, name).read_bytes()
    assert artifact(copy, run_id, "a.txt").samefile(artifact(copy, run_id, "deep/b.txt"))
    assert not artifact(copy, run_id, "a.txt").samefile(artifact(store, run_id, "a.txt"))
    assert {path.name for path in workdir.iterdir()} >= {".nbtrail", "copy.db", "copy.db.trail"}
    assert list(workdir.glob(".copy*")) == []


def test_a_model_is_loaded_from_the_copy(store: Store, workdir: Path) -> None:
    from sklearn.linear_model import LinearRegression

    fitted = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    with nbtrail.start_run():
        info = nbtrail.log_model(fitted, input_example=np.array([[0.0]]))
    copy = open_store(backup(store, "copy.db"))
    assert Path(copy.registry.logged_model(info.model_id).artifact_uri).is_relative_to(
        workdir / "copy.db.trail"
    )
    nbtrail.set_tracking_uri(copy.uri)
    assert nbtrail.load_model(info.model_uri).predict([[21.0]])[0] == pytest.approx(42.0)


def test_the_database_alone(store: Store, run_id: str, workdir: Path) -> None:
    backup(store, "copy.db", artifacts=False)
    assert not (workdir / "copy.db.trail").exists()
    assert open_store("sqlite:///copy.db").runs.get(run_id).data.metrics == {"loss": 0.5}


def test_a_copy_is_replaced_when_asked(store: Store, run_id: str, workdir: Path) -> None:
    (workdir / "copy.db").write_text("mine")
    (workdir / "copy.db-wal").write_text("what an older database left")
    stale = workdir / "copy.db.trail" / "artifacts" / "stale"
    stale.parent.mkdir(parents=True)
    stale.touch()
    with pytest.raises(InvalidState, match="use --force"):
        backup(store, "copy.db")
    assert (workdir / "copy.db").read_text() == "mine"
    backup(store, "copy.db", force=True)
    assert not stale.exists()
    assert open_store("sqlite:///copy.db").runs.get(run_id).data.metrics == {"loss": 0.5}


def test_places_where_no_copy_can_be(store: Store, workdir: Path) -> None:
    (workdir / "link.db").symlink_to(store.database_path)
    for target, error, message in (
        ("missing/copy.db", NotFound, "no directory"),
        (".", InvalidValue, "is a directory"),
        (store.database_path, InvalidValue, "the store itself"),
        ("link.db", InvalidValue, "the store itself"),
    ):
        with pytest.raises(error, match=message):
            backup(store, target, force=True)
    assert store.runs.search() == ([], None)


def test_a_broken_copy_leaves_nothing(
    store: Store, run_id: str, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    with pytest.raises(OSError, match="No space left"):
        backup(store, "copy.db")
    assert [path.name for path in workdir.iterdir()] == [".nbtrail"]
