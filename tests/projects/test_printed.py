"""What processes print gets into the file and its last line is known, whoever looks or does not."""

import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from nbtrail.projects.mlprojects import printed
from nbtrail.projects.mlprojects.printed import Printed


def copied(log: Path, command: str) -> Printed:
    process = subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE)
    assert process.stdout
    told = Printed(log)
    told.copy(process.stdout)
    assert process.wait() == 0  # it could print all
    return told


LETTERS = "for i in {1..30000}; do echo é; done"


def test_a_terminal_without_all_letters_shows_what_it_can(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, "ascii"))
    copied(workdir / "log", LETTERS)
    assert (workdir / "log").read_text("utf-8") == "é\n" * 30_000
    assert shown.getvalue() == b"\\xe9\n" * 30_000


def test_it_is_kept_when_nobody_looks_any_more(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    closed = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stdout", closed)
    copied(workdir / "log", LETTERS)
    assert (workdir / "log").stat().st_size == 90_000
    with suppress(BrokenPipeError):
        closed.close()


def test_a_full_disk_stops_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert copied(Path("/dev/full"), f"{LETTERS}; echo last").last_line() == "last"
    assert capsys.readouterr().out == "é\n" * 30_000 + "last\n"


def test_the_last_line_is_known_although_the_file_is_cut(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed, "MOST_KEPT", 10)
    told = copied(workdir / "log", f"{LETTERS}; printf '10 %%\\r90 %%\\r\\n\\n'")
    assert told.last_line() == "90 %"
    assert (workdir / "log").stat().st_size == 10
