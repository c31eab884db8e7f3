"""Text for a terminal."""

import pytest

from nbtrail.cli import text


def test_a_table_is_aligned():
    rows = [("lr", 0.1), ("optimizer", None), ("n", 10)]
    assert text.table(("PARAM", "VALUE"), rows).splitlines() == [
        "PARAM      VALUE",
        "lr         0.1",
        "optimizer",
        "n          10",
    ]


def test_headings_are_cells_too():
    assert text.table(("a\nb\x1b",), [("c",)]) == "a b?\nc"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.123456789, "0.123457"),
        (1e-12, "1e-12"),
        (float("nan"), "nan"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("\x1b[31mred", "?[31mred"),
        ("x" * 61, "x" * 59 + "…"),
        (None, ""),
    ],
)
def test_a_cell_is_one_harmless_line(value, shown):
    assert text.cell(value) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(0, "0.0 s"), (3210, "3.2 s"), (61_000, "1 min 1 s"), (7_260_000, "2 h 1 min")],
)
def test_durations(milliseconds, shown):
    assert text.duration(1000, 1000 + milliseconds) == shown
    assert text.duration(1000, None) == ""
