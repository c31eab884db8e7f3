"""Many files at once: failures, and a bar where somebody watches."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pytest

from nbtrail.artifacts.files import Files, Tell
from nbtrail.artifacts.local import LocalFiles
from nbtrail.artifacts.transfer import each, progress


def test_all_are_done_by_several_threads(workdir: Path) -> None:
    meeting = threading.Barrier(LocalFiles.lanes, timeout=90)
    done: list[int] = []

    def work(files: Files, job: int, tell: Tell) -> None:
        if job < LocalFiles.lanes:
            meeting.wait()
        done.append(job)

    each(LocalFiles(workdir), range(100), work, "Testing", 100)
    assert sorted(done) == list(range(100))


def test_the_first_failure_ends_it(workdir: Path) -> None:
    done: list[int] = []

    def work(files: Files, job: int, tell: Tell) -> None:
        if job == 3:
            raise OSError("the disk is gone")
        done.append(job)

    with pytest.raises(OSError, match="the disk is gone"):
        each(LocalFiles(workdir), range(10_000), work, "Testing", 10_000)
    assert len(done) < 9_999


def test_nobody_is_shown_a_bar_in_a_log(capfd: pytest.CaptureFixture[str]) -> None:
    with progress("Storing artifacts", 10) as tell:
        tell(10)
    assert capfd.readouterr() == ("", "")


WATCHED = """
import time
from nbtrail.artifacts.transfer import progress
with progress("Quick", 10) as tell:
    tell(10)
with progress("Storing artifacts", 2_000_000) as tell:
    time.sleep(1.1)
    tell(1_000_000)
    time.sleep(0.2)
    tell(1_000_000)
"""


def test_a_terminal_gets_a_bar_when_it_takes_long() -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    child = subprocess.Popen([sys.executable, "-c", WATCHED], stderr=theirs)
    os.close(theirs)
    shown = b""
    while data := read(ours):
        shown += data
    os.close(ours)
    assert child.wait() == 0
    assert b"Storing artifacts:  50%" in shown
    assert b"1.00M/2.00M" in shown
    assert b"Quick" not in shown


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the child closed its end
        return b""
