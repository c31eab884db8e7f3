"""A run ends with what is raised before, or while, something is executed as it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
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


def test_space_for_the_end_of_a_run_is_kept_while_it_is_alive(store: Store) -> None:
    run = lifetime.created(store, "0", "train", {})
    with lifetime.alive(store, run.info):
        assert _unnamed_bytes(store.directory) >= lifetime.SPARE
    assert _unnamed_bytes(store.directory) == 0


def _unnamed_bytes(folder: Path) -> int:
    """Return how much this process has in open files of a folder that have no name."""
    files = {one.stat() for one in Path("/dev/fd").iterdir() if one.exists()}
    device = folder.stat().st_dev
    return sum(
        one.st_size
        for one in files
        if stat.S_ISREG(one.st_mode) and one.st_nlink == 0 and one.st_dev == device
    )


FILLS = "f = open('big', 'wb')\nwhile True:\n    f.write(bytes(10000)); f.flush()"
ON_A_SMALL_DISK = """
mount -t tmpfs -o size=4m none disk
cp notebooks/train.ipynb disk
cd disk
"$1" -m nbtrail run train.ipynb
echo "status $?"
rm big
"$1" -m nbtrail doctor
cp -r . ../kept
"""


@pytest.mark.full
def test_on_a_full_disk_a_run_fails_and_leaves_nothing_half_done(workdir: Path, write: Any) -> None:
    write("x = 1", FILLS)
    (workdir / "disk").mkdir()
    apart = ["unshare", "--map-root-user", "--mount"]
    done = subprocess.run(
        [*apart, "sh", "-c", ON_A_SMALL_DISK, "sh", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "status 1\nThe store is sound.\n" in done.stdout
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    kept = open_store(workdir / "kept" / ".nbtrail")
    [run] = kept.runs.search(None)[0]
    assert run.info.status == "FAILED"
    assert "No space left on device" in str(run.info.error)
    [notebook] = (workdir / "kept").glob(".nbtrail/artifacts/1/*/artifacts/train.ipynb")
    assert len(nbformat.read(notebook, as_version=4).cells) == 3
