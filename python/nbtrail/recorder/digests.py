"""The digests of files; what takes long is done beside the cells."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from nbtrail import data
from nbtrail.data.digest import Digest
from nbtrail.data.source import source_of
from nbtrail.entities import Dataset
from nbtrail.recorder.found_files import Found, stamp_of
from nbtrail.recorder.watching import THREAD
from nbtrail.tracking.failures import never_raises, tell_once

SAMPLED = 1 << 30  # bytes: a larger file is known by samples
_SAMPLES, _SAMPLE = 64, 1 << 20

Job = Callable[[], None]


class Aside:
    """Does jobs one after the other in a thread that is there while there are any.

    The process waits for it at its end.
    """

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, job: Job) -> None:
        """Do a job soon."""
        with self._lock:
            self._jobs.append(job)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name=THREAD)
                self._thread.start()

    def wait(self) -> None:
        """Wait until all jobs are done."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.popleft()
            never_raises("a file")(job)()


def dataset_of(found: Found) -> Dataset | None:
    """Return a file that was read as a dataset; None if it has changed since."""
    digest = _of_samples(found) if found.size > SAMPLED else None
    dataset = data.from_file(found.path, digest=digest).to_entity()
    return dataset if _is_unchanged(found) else None


def dataset_of_folder(folder: str, files: Sequence[Found]) -> Dataset | None:
    """Return files of one folder that were read together as one dataset."""
    digest = Digest("files")
    for found in files:
        digest.text(found.name, file_digest(found) or "")
    size = sum(found.size for found in files)
    profile = {"num_files": len(files), "num_bytes": size}
    return data.FileDataset(
        Path(folder).name, str(digest), source_of(folder), None, profile, folder
    ).to_entity()


def file_digest(found: Found) -> str | None:
    """Return the SHA-256 of a file; None if it has changed since it was found."""
    try:
        with Path(found.path).open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
    return digest if _is_unchanged(found) else None


def _of_samples(found: Found) -> str:
    """Return a digest of a large file's size and of parts that are spread over it."""
    digest = Digest("samples of a file")
    digest.text(str(found.size))
    with Path(found.path).open("rb") as opened:
        for number in range(_SAMPLES):
            opened.seek(number * (found.size - _SAMPLE) // (_SAMPLES - 1))
            digest.piece(opened.read(_SAMPLE))
    return str(digest)


def _is_unchanged(found: Found) -> bool:
    if stamp_of(found.path) == found.stamp:
        return True
    tell_once(f"nbtrail: {found.name} changed before its digest was taken.")
    return False
