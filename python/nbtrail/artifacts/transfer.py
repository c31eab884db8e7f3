"""Many files at once, with a progress bar where somebody watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from nbtrail.artifacts.files import Files, Tell, nobody
from nbtrail.watching import is_watched

T = TypeVar("T")
DELAY = 1.0  # seconds before a bar is worth its place


def each(
    files: Files,
    jobs: Sequence[T],
    do: Callable[[Files, T, Tell], None],
    title: str,
    total: int,
) -> None:
    """Call `do(lane, job, tell)` for each job, some at a time, each thread in a lane of its own.

    The first failure is raised; what has not begun by then is left.

    Args:
        files: whose lanes.
        jobs: one for each file, say.
        do: tells how many bytes it moved.
        title: stands before the bar.
        total: bytes of all jobs.
    """
    with progress(title, total) as tell:
        if len(jobs) < 2:
            for job in jobs:
                do(files, job, tell)
            return
        with _lanes(files) as lane:
            _in_threads(min(files.lanes, len(jobs)), jobs, lambda job: do(lane(), job, tell))


def _in_threads(threads: int, jobs: Sequence[T], do: Callable[[T], None]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads, thread_name_prefix="nbtrail-artifacts") as pool:
        futures = [pool.submit(do, job) for job in jobs]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _lanes(files: Files) -> Iterator[Callable[[], Files]]:
    """Yield what gives each thread its lane; close them all at the end."""
    opened: list[Files] = []
    thread = threading.local()

    def lane() -> Files:
        if not hasattr(thread, "files"):
            thread.files = files.lane()
            opened.append(thread.files)
        found: Files = thread.files
        return found

    try:
        yield lane
    finally:
        for used in opened:
            used.close()


@contextmanager
def progress(title: str, total: int) -> Iterator[Tell]:
    """Yield what to tell the bytes to; shows a bar in terminals and notebooks if it takes long."""
    if not is_watched():
        yield nobody
        return
    from tqdm.auto import tqdm

    lock = threading.Lock()
    with tqdm(desc=title, total=total, unit="B", unit_scale=True, delay=DELAY, leave=False) as bar:

        def tell(moved: int) -> None:
            with lock:
                bar.update(moved)

        yield tell
