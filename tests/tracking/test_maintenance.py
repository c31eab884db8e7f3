"""Looking after a store: rows and files together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import nbtrail
from nbtrail.store import Store
from nbtrail.tracking import maintenance


def record(text: str = "content") -> str:
    """Record a run with a file."""
    with nbtrail.start_run() as run:
        nbtrail.log_text(text, "notes.txt")
        nbtrail.log_metric("loss", 0.5)
    run_id: str = run.info.run_id
    return run_id


def folder(store: Store, run_id: str) -> Path:
    return Path(store.runs.get(run_id).info.artifact_uri).parent


def objects(store: Store) -> list[Path]:
    return list((store.artifact_root / ".objects").glob("??/*"))


def test_a_collection_deletes_rows_and_files(store: Store) -> None:
    kept, doomed = record("kept"), record("doomed")
    gone, study = folder(store, doomed), store.directory / "sweeps" / doomed
    study.mkdir(parents=True)
    store.runs.delete(doomed)
    assert len(objects(store)) == 2
    done = maintenance.collect(store, maintenance.plan(store))
    assert (done.runs, done.experiments, done.failed) == (1, 0, [])
    assert done.bytes >= len("doomed")
    assert not gone.exists()
    assert not study.exists()
    assert len(objects(store)) == 1
    assert (folder(store, kept) / "artifacts" / "notes.txt").read_text() == "kept"
    assert maintenance.examine(store) == []


def test_files_that_runs_share_stay_for_the_other(store: Store) -> None:
    kept, doomed = record(), record()
    store.runs.delete(doomed)
    maintenance.collect(store, maintenance.plan(store))
    assert (folder(store, kept) / "artifacts" / "notes.txt").read_text() == "content"


def test_an_experiment_goes_with_its_folder(store: Store) -> None:
    nbtrail.set_experiment("wine")
    run_id = record()
    place = folder(store, run_id).parent
    store.experiments.delete(store.runs.get(run_id).info.experiment_id)
    done = maintenance.collect(store, maintenance.plan(store))
    assert (done.runs, done.experiments) == (1, 1)
    assert not place.exists()


def test_the_location_of_an_experiment_of_its_own_stays(store: Store, workdir: Path) -> None:
    own = workdir / "own"
    experiment_id = store.experiments.create("wine", str(own)).experiment_id
    nbtrail.set_experiment("wine")
    run_id = record()
    (own / "mine.txt").write_text("not a run's")
    store.experiments.delete(experiment_id)
    maintenance.collect(store, maintenance.plan(store))
    assert not (own / run_id).exists()
    assert (own / "mine.txt").read_text() == "not a run's"


def test_what_cannot_be_deleted_is_told_and_the_rest_goes(store: Store) -> None:
    first, second = record(), record()
    store.runs.delete(first)
    store.runs.delete(second)
    plan = maintenance.plan(store)
    store.runs.restore(first)
    done = maintenance.collect(store, plan)
    assert done.runs == 1
    (sentence,) = done.failed
    assert sentence.startswith(f"The run {first[:8]}")
    assert "is not deleted" in sentence
    assert store.runs.get(first).info.run_id == first


@pytest.mark.parametrize("repair", [False, True])
def test_an_artifact_that_somebody_changed(store: Store, repair: bool) -> None:
    run_id = record()
    path = folder(store, run_id) / "artifacts" / "notes.txt"
    path.chmod(0o644)
    path.write_text("altered")
    (finding,) = maintenance.examine(store, repair)
    assert (finding.area, finding.repaired) == ("artifacts", False)
    assert f"{run_id}/artifacts/notes.txt" in finding.problem


def test_files_that_are_lost_or_replaced_are_missed(store: Store) -> None:
    with nbtrail.start_run() as run:
        for name in ("lost", "replaced", "gone/with/folder", "kept", "deleted"):
            nbtrail.log_text(name, f"{name}.txt")
        run.artifacts.delete("deleted.txt")
    root = Path(run.info.artifact_uri)
    (root / "lost.txt").unlink()
    (root / "replaced.txt").unlink()
    (root / "replaced.txt").write_text("another")
    shutil.rmtree(root / "gone")
    copy = (root / "kept.txt").read_bytes()  # as a copy of the store has it: no link any more
    (root / "kept.txt").unlink()
    (root / "kept.txt").write_bytes(copy)
    assert sorted(finding.problem.split(":")[0] for finding in maintenance.examine(store)) == [
        "not there any more",
        "not there any more",
        "replaced since it was stored",
    ]
    assert sum("--repair" in finding.advice for finding in maintenance.examine(store)) == 2
    healed = maintenance.examine(store, repair=True)
    assert sorted(finding.repaired for finding in healed) == [False, True, True]
    assert (root / "lost.txt").read_text() == "lost"
    assert (root / "gone" / "with" / "folder.txt").read_text() == "gone/with/folder"
    assert (root / "replaced.txt").read_text() == "another"
    (left,) = maintenance.examine(store)
    assert "replaced.txt" in left.problem


def test_what_a_collection_deleted_is_not_missed(store: Store) -> None:
    doomed = record("doomed")
    store.runs.delete(doomed)
    maintenance.collect(store, maintenance.plan(store))
    assert maintenance.examine(store) == []
    assert doomed not in (store.artifact_root / ".objects" / "written").read_text()


def test_what_is_gone_for_good_stays_missed(store: Store) -> None:
    run_id = record("once")
    (Path(store.runs.get(run_id).info.artifact_uri) / "notes.txt").unlink()
    maintenance.collect(store, maintenance.plan(store))
    (finding,) = maintenance.examine(store, repair=True)
    assert not finding.repaired
    assert "notes.txt" in finding.problem
