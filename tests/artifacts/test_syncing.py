"""Files that the disk keeps a moment later: nobody waits, nothing is left open, or out."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from nbtrail.artifacts.syncing import MOST, Syncing


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes of the test's own files that were synced, in order."""
    found: list[int] = []
    fsync = os.fsync

    def sync(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(tmp_path):
            found.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    return found


def _written(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT)


def test_a_file_is_synced_soon(tmp_path: Path, synced: list[int]) -> None:
    descriptor = _written(tmp_path / "file")
    Syncing().soon(descriptor)
    os.close(descriptor)
    deadline = time.monotonic() + 60
    while not synced:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert synced == [(tmp_path / "file").stat().st_ino]


def test_a_file_that_waits_more_than_once_is_synced_once(
    tmp_path: Path, synced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbtrail.artifacts.syncing.MOMENT_S", 60.0)  # nobody else settles
    syncing = Syncing()
    for _ in range(3):
        descriptor = _written(tmp_path / "file")
        syncing.soon(descriptor)
        os.close(descriptor)
    syncing.settle()
    assert synced == [(tmp_path / "file").stat().st_ino]


def test_few_descriptors_wait(tmp_path: Path, synced: list[int]) -> None:
    syncing = Syncing()
    for number in range(MOST + 1):
        descriptor = _written(tmp_path / str(number))
        syncing.soon(descriptor)
        os.close(descriptor)
    assert len(synced) == MOST + 1


def test_it_is_synced_at_once_where_no_thread_can_be(tmp_path: Path, synced: list[int]) -> None:
    syncing = Syncing()
    before = threading.stack_size(1 << 46)  # of which there can be none
    try:
        for number in range(2):
            descriptor = _written(tmp_path / str(number))
            syncing.soon(descriptor)
            os.close(descriptor)
    finally:
        threading.stack_size(before)
    assert len(synced) == 2


def test_a_child_leaves_it_to_its_parent(tmp_path: Path, synced: list[int]) -> None:
    syncing = Syncing()
    descriptor = _written(tmp_path / "file")
    syncing.soon(descriptor)
    os.close(descriptor)
    syncing.abandon()
    syncing.settle()
    assert synced == []
