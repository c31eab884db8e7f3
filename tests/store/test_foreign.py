"""What belongs to another program is refused, and stays as it is."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nbtrail.errors import StoreError
from nbtrail.store import open_store


def mlflows_database(path: Path, version: int = 0) -> str:
    """Make what MLflow would leave, and return a digest of it."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("alembic_version", "experiments", "latest_metrics", "runs", "tags"):
            connection.execute(f"create table {table} (id integer)")
        connection.execute(f"pragma user_version = {version}")
        connection.commit()
    return digest(path)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_database_of_another_program_is_refused(workdir: Path, version: int) -> None:
    before = mlflows_database(workdir / "mlflow.db", version)
    with pytest.raises(StoreError, match=r"belongs to another program.*alembic_version"):
        open_store("sqlite:///mlflow.db")
    assert digest(workdir / "mlflow.db") == before
    assert [path.name for path in workdir.iterdir()] == ["mlflow.db"]


def test_so_is_one_in_a_directory(workdir: Path) -> None:
    (workdir / "theirs").mkdir()
    mlflows_database(workdir / "theirs" / "nbtrail.db")
    with pytest.raises(StoreError, match="another program"):
        open_store("theirs")
    assert [path.name for path in (workdir / "theirs").iterdir()] == ["nbtrail.db"]


def test_mlflows_directory_is_refused(workdir: Path) -> None:
    (workdir / "mlruns" / "0").mkdir(parents=True)
    (workdir / "mlruns" / "0" / "meta.yaml").write_text("name: Default")
    with pytest.raises(StoreError, match="directory of MLflow's"):
        open_store("mlruns")
    assert [path.name for path in (workdir / "mlruns").iterdir()] == ["0"]


def test_an_empty_database_is_nobodys(workdir: Path) -> None:
    (workdir / "new.db").touch()
    assert open_store("sqlite:///new.db").experiments.list()


def test_a_store_whose_tables_are_in_the_log_yet_is_known(workdir: Path) -> None:
    store = open_store("sqlite:///new.db")
    assert type(store)(store.directory, store.database_path).experiments.list()
