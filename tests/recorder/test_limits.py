"""What is too large is cut, and that is said in the trail and after the cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbtrail.magics.configuration import LIMITS, NbTrail
from nbtrail.recorder.cell_outputs import Limits, OutputList, Room, Text, size_of
from recorder.kernel import Notebook

from .conftest import STOCK
from .test_files import line

SETTINGS = """
[tool.nbtrail]
output-limit = 2000
outputs-limit = 10_000
table-rows = 3
file-limit = 100
files-limit = 150
"""


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Notebook]:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    book = Notebook(tmp_path, modules=STOCK)
    book.run("load", "%load_ext nbtrail\nimport pandas as pd")
    book.run("run", "acc = 1 / 2")
    yield book
    book.close()


def kept(book: Notebook, cell_id: str) -> list[dict[str, Any]]:
    return next(one.outputs for one in book.trail(book.runs[-1]) if one.cell_id == cell_id)


def test_a_long_text_keeps_its_beginning_and_its_end(limited: Notebook) -> None:
    told = line(limited.run("a", "for i in range(1000): print('line', i)"))
    (stream,) = kept(limited, "a")
    assert stream["text"].startswith("line 0\nline 1\n")
    assert stream["text"].endswith("line 998\nline 999\n")
    assert "\n[nbtrail: 6,890 of 8,890 characters were left out (output_limit)]\n" in stream["text"]
    assert "6,890 of 8,890 characters were left out (output_limit)" in told


def test_a_large_display_leaves_its_largest_form_out(limited: Notebook) -> None:
    source = "display({'text/plain': 'small', 'text/html': 'x' * 3000}, raw=True)"
    assert "output_limit" in line(limited.run("a", source))
    display, note = kept(limited, "a")
    assert display["data"] == {"text/plain": "small"}
    assert note["text"] == (
        "[nbtrail: text/html of 3,000 characters left out (output_limit is 2,000)]\n"
    )


def test_a_run_has_room_for_so_much(limited: Notebook) -> None:
    for cell in "abcdefg":
        told = line(limited.run(cell, "print('x' * 1800)"))
    assert "1 output was left out: a run's may have 10,000 characters (outputs_limit)" in told
    (note,) = kept(limited, "g")
    assert note["text"].startswith("[nbtrail: 1 output was left out")
    limited.run("start", "%track start another")
    limited.run("h", "print('y' * 1800)")
    assert kept(limited, "h")[0]["text"] == "y" * 1800 + "\n"


def test_a_table_and_files_that_are_too_large(limited: Notebook) -> None:
    told = line(limited.run("a", "pd.DataFrame({'x': range(9)})"))
    assert "1 table (3 of 9 rows)" in told
    source = "for n in (50, 90, 60, 101):\n    open(f'f{n}.txt', 'w').write('x' * n) and None"
    told = line(limited.run("b", source))
    assert "2 files" in told
    assert "f101.txt only listed (file_limit is 100 bytes)" in told
    assert "f90.txt only listed (files_limit is 150 bytes for a run)" in told
    limited.run("end", "%track end")
    run = limited.runs[-1]
    found = {one.path: one for one in limited.store.files.of(run.info.run_id)}
    assert {path: one.kept for path, one in found.items() if path.startswith("files/")} == {
        "files/f50.txt": True, "files/f60.txt": True,
        "files/f90.txt": False, "files/f101.txt": False,
    }  # fmt: skip
    assert found["files/f101.txt"].size == 101
    assert len(found["files/f101.txt"].digest or "") == 64


def test_a_text_without_end_takes_no_more_than_it_may() -> None:
    text = Text("stdout", 100)
    for number in range(10_000):
        text.add(f"{number:04}\n")
    output, told = text.output()
    assert output["text"].startswith("0000\n0001\n")
    assert output["text"].endswith("9998\n9999\n")
    assert told == "49,900 of 50,000 characters were left out (output_limit)"
    assert sum(map(len, text._tail)) <= 60


def test_displays_without_end_take_no_more_than_they_may() -> None:
    cell = OutputList(None, Limits(output=100, outputs=1000))
    for _ in range(10_000):
        cell.show({"output_type": "display_data", "data": {"text/plain": "x" * 50}})
    *found, note = cell.outputs(Room(1000))
    assert len(found) == 20
    assert sum(map(size_of, found)) <= 1000
    assert "9,980 outputs were left out" in note["text"]
    cell.clear(wait=False)
    cell.show({"output_type": "display_data", "data": {"text/plain": "new"}})
    assert len(cell.outputs(Room(1000))) == 1


def test_the_page_has_the_limits_that_there_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "capture.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", page, flags=re.MULTILINE)
    traits = NbTrail.class_own_traits(config=True)
    assert {name: int(number.replace(",", "")) for name, number in rows} == {
        name: traits[name].default_value for name in LIMITS if name != "files"
    }


def test_what_a_full_disk_refused_is_stored_when_the_kernel_ends(tmp_path: Path) -> None:
    book = Notebook(tmp_path)
    book.run("load", "%load_ext nbtrail")
    book.run("a", "import nbtrail, resource, signal\nacc = 1 / 2")
    book.run(
        "b",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "limits = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))\n"
        "for step in range(30):\n"
        "    nbtrail.log_metric('new', step, step=step)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, limits)",
    )
    book.close()
    (run,) = book.runs
    (summary,) = [one for one in run.data.metric_summaries if one.key == "new"]
    assert (summary.count, summary.value) == (30, 29.0)
