"""The words of a line: options, quotes, filters."""

from __future__ import annotations

import pytest

from nbtrail.errors import InvalidValue
from nbtrail.recorder.cell_magic import CELL_OPTIONS, parse_options
from nbtrail.recorder.line_options import read


def test_a_line_has_a_name_and_options_in_any_order() -> None:
    line = "-p lr,epochs 'deeper tree' --experiment wine -t a=1 -t 'b=x y' -m acc -p cfg --nested"
    options = parse_options(line)
    assert (options.name, options.experiment, options.nested) == ("deeper tree", "wine", True)
    assert options.tags == {"a": "1", "b": "x y"}
    assert options.rules.params == ["lr", "epochs", "cfg"]
    assert options.rules.metrics == ["acc"]


def test_a_filter_keeps_its_quotes_and_its_signs() -> None:
    line = "metrics.`val acc` > -0.5 and params.C = '1  0' -e \"my trials\""
    words = read(line, CELL_OPTIONS, quoted=True)
    assert " ".join(words.alone) == "metrics.`val acc` > -0.5 and params.C = '1  0'"
    assert words.one(CELL_OPTIONS[0]) == "my trials"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a b", "One name is enough"),
        ("-e x -e y", "One '-e' is enough"),
        ("-e", "'-e' needs the name of an experiment after it"),
        ("-t colour", "A tag is written key=value, not 'colour'"),
        ("--param lr", "There is no option '--param' here. Did you mean '--params'?"),
        ("-m 'a b'", "'a b' is no name of a variable"),
        ("it's", "a quote is not closed"),
    ],
)
def test_mistakes_are_told(line: str, told: str) -> None:
    with pytest.raises(InvalidValue, match=told.replace("?", r"\?")):
        parse_options(line)
