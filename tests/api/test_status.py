"""The store that is not there, was there, or cannot be used: told and never raised."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from nbtrail.errors import StoreError
from nbtrail.store import Store, health
from nbtrail.store.database import explain


def test_a_store_that_can_be_used(ask: Any, store: Store, workdir: Path) -> None:
    status, body = ask("GET", "status")
    assert (status, body["state"], body["message"]) == (200, "ready", None)
    assert (body["api"], body["name"]) == (1, workdir.name)


def test_a_store_that_was_never_made(ask: Any, workdir: Path) -> None:
    _, body = ask("GET", "status")
    assert body["state"] == "absent"
    assert not (workdir / ".nbtrail").exists()


def test_a_store_that_was_taken_away(ask: Any, store: Store, workdir: Path) -> None:
    assert ask("GET", "status")[1]["state"] == "ready"
    shutil.move(workdir / ".nbtrail", workdir / "away")
    _, body = ask("GET", "status")
    assert (body["state"], "moved or deleted" in body["message"]) == ("gone", True)
    shutil.move(workdir / "away", workdir / ".nbtrail")
    assert ask("GET", "status")[1]["state"] == "ready"


def test_a_store_that_is_no_database(ask: Any, workdir: Path) -> None:
    (workdir / ".nbtrail").mkdir()
    (workdir / ".nbtrail" / "nbtrail.db").write_bytes(b"no database at all, " * 1000)
    status, body = ask("GET", "status")
    assert (status, body["state"]) == (200, "broken")
    assert "Restore a copy" in body["message"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (sqlite3.SQLITE_BUSY, "locked"),
        (sqlite3.SQLITE_READONLY, "read-only"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "read-only"),
        (sqlite3.SQLITE_CORRUPT, "broken"),
    ],
)
def test_what_sqlite_says_is_told_in_a_word(code: int, state: str) -> None:
    error = sqlite3.OperationalError("said")
    error.sqlite_errorcode = code
    with pytest.raises(StoreError) as raised:
        explain(Path("x.db"), error)
    assert health.state_of(raised.value) == state
