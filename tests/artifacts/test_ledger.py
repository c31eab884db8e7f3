"""The note of what was written where."""

from __future__ import annotations

import threading
from pathlib import Path

from nbtrail.artifacts.ledger import Ledger


def test_the_newest_line_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "written")
    assert ledger.entries() == {}
    ledger.compact()
    for path, digest in (("a/b", "1"), ("a/c", "2"), ("ab", "3"), ("a/b", "4")):
        ledger.wrote(path, digest)
    ledger.deleted("a/c")
    assert ledger.entries() == {"a/b": ["1", "4"], "ab": ["3"]}
    ledger.compact()
    assert ledger.entries() == {"a/b": ["4"], "ab": ["3"]}
    assert len((tmp_path / "written").read_bytes().splitlines()) == 2
    ledger.deleted("a")
    assert ledger.entries() == {"ab": ["3"]}
    ledger.deleted("")
    assert ledger.entries() == {}


def test_a_line_that_was_cut_off_is_no_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "written")
    ledger.wrote("a", "1")
    with (tmp_path / "written").open("ab") as file:
        file.write(b'["b", "2')
    assert ledger.entries() == {"a": ["1"]}


def test_nothing_is_lost_while_it_is_compacted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "written")

    def write(number: int) -> None:
        for turn in range(200):
            ledger.wrote(f"{number}/{turn}", "x")

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        ledger.compact()
    assert len(ledger.entries()) == 800
