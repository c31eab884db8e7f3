"""A run ends with what is raised before, or while, something is executed as it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbtrail.projects import lifetime
from nbtrail.store import Store, open_store


@pytest.fixture
def store(workdir: Path) -> Store:
    return open_store(workdir / ".nbtrail")


@pytest.mark.parametrize(
    ("raised", "status", "error"),
    [
        (OSError("no space\nat all"), "FAILED", "OSError: no space"),
        (KeyboardInterrupt(), "KILLED", "Interrupted"),
    ],
)
def test_a_run_that_was_never_executed_has_ended(
    store: Store, raised: BaseException, status: str, error: str
) -> None:
    run = lifetime.created(store, "0", "train", {})
    with (
        pytest.raises(type(raised)),
        lifetime.ended_by_exceptions(store, run.info.run_id),
    ):
        raise raised
    ended = store.runs.get(run.info.run_id).info
    assert (ended.status, ended.error) == (status, error)
    assert ended.end_time
