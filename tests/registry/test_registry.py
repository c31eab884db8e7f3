from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

import nbtrail
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import load_model, log_model, resolve, save_model
from nbtrail.registry import register_model
from nbtrail.store import Store


def line(rows: list[float]) -> list[float]:
    return [2 * row for row in rows]


def test_versions_count_up_and_know_their_run(store: Store) -> None:
    with nbtrail.start_run() as run:
        info = log_model(line, "line", pip_requirements=[])
    first = register_model(info.model_uri, "trend")
    second = register_model(f"runs:/{run.info.run_id}/line", "trend")
    third = register_model("models:/trend/1", "trend")
    assert [v.version for v in (first, second, third)] == ["1", "2", "3"]
    for version in (first, second, third):
        assert version.source == info.model_uri
        assert (version.run_id, version.model_id) == (run.info.run_id, info.model_id)
    assert [model.latest_version for model in store.registry.models()] == ["3"]


def test_a_directory_can_be_registered(store: Store, tmp_path: Path) -> None:
    save_model(line, "line", pip_requirements=[])
    version = register_model("line", "trend", store)
    assert resolve(f"models:/trend/{version.version}", store) == tmp_path / "line"
    assert version.run_id is None


@pytest.mark.parametrize("name", ["a/b", "a:b", "", ".."])
def test_a_bad_name_registers_nothing(name: str, store: Store) -> None:
    save_model(line, "line", pip_requirements=[])
    with pytest.raises(InvalidValue, match="cannot name a model"):
        register_model("line", name, store)
    assert store.registry.models() == []


def test_an_unknown_model_registers_nothing(store: Store) -> None:
    with pytest.raises(NotFound):
        register_model(f"models:/m-{'0' * 32}", "trend", store)
    assert store.registry.models() == []


def test_a_version_whose_artifacts_are_gone_is_told_and_can_be_deleted(store: Store) -> None:
    save_model(line, "line", pip_requirements=[])
    register_model("line", "trend", store)
    rmtree("line")
    for act in (
        lambda: load_model("models:/trend/1", store),
        lambda: register_model("models:/trend/1", "other", store),
        lambda: nbtrail.Client().create_model_version("trend", "models:/trend/1"),
    ):
        with pytest.raises(NotFound, match="There is no model directory"):
            act()
    assert [one.name for one in store.registry.models()] == ["trend"]
    store.registry.edits.delete_version("trend", "1")
    assert store.registry.edits.restore_version("trend", "1").version == "1"
