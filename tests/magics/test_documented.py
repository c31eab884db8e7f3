"""The page on the magics has what there is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from nbtrail.magics.commands import COMMANDS
from nbtrail.magics.configuration import NbTrail
from nbtrail.magics.track import CELL_USAGE

PAGE = (Path(__file__).parents[2] / "docs" / "magics.md").read_text().replace("\\|", "|")


def test_every_subcommand_is_there_as_it_is_written() -> None:
    documented = re.findall(r"`%track ([^`]+)`(?=[, |])", PAGE)
    assert {*documented} >= {command.usage for command in COMMANDS.values()}
    assert {line.split()[0] for line in documented} == COMMANDS.keys()
    assert CELL_USAGE in PAGE


def test_every_setting_is_there() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.partition("| name | default |")[2], flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == NbTrail.class_own_traits(config=True).keys()
