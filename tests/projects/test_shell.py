"""Values in commands, by bash itself: each is what it was, wherever its place is."""

import subprocess
from pathlib import Path

import pytest

from nbtrail.errors import InvalidValue
from nbtrail.projects.mlprojects.shell import PLACE, filled

HOSTILE = [
    "plain", "a b", "", "'", "\\", "new\nline", "a'b\"c\\", "$HOME", "*", "! ~ #", "{x}", "$'\\n'",
    "$(touch x)", "`touch x`", "'; touch x; '", '"; touch x; "', ") ; touch x ; (", "\n touch x\n",
]  # fmt: skip


@pytest.mark.parametrize(
    "place",
    [
        "@",
        '"@"',
        "'@'",
        '"$(printf %s "@")"',
        '"$(printf %s @)"',
        "''\"\"@",
        "${{X}}@ # it's".replace("{{", "{").replace("}}", "}"),
        "`true`@",
        "$((1+1))@",
        '"$\'"@',
    ],
)
def test_a_value_is_what_it_was(workdir: Path, place: str) -> None:
    before = {"$((1+1))@": "2", '"$\'"@': "$'"}.get(place, "")
    command = "".join(
        f"printf '%s\\0' {place} # @ don't\n".replace("# @", "#").replace("@", PLACE)
        for _ in HOSTILE
    )
    told = subprocess.run(
        ["bash", "-c", filled(command, [("x", value) for value in HOSTILE])],
        capture_output=True,
        text=True,
        check=True,
    )
    at_end = '"$(' in place  # where the shell itself leaves out the last end of a line
    expected = [before + (value.rstrip("\n") if at_end else value) for value in HOSTILE]
    assert told.stdout.split("\0")[:-1] == expected
    assert not (workdir / "x").exists()


@pytest.mark.parametrize("value", HOSTILE)
def test_between_quotes_a_value_has_its_own_as_by_mlflow(workdir: Path, value: str) -> None:
    command = f"bash -c \"printf '%s' {PLACE}\" && bash -c 'printf \"%s\" {PLACE}'"
    told = subprocess.run(
        ["bash", "-c", filled(command, [("x", value)] * 2)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == value * 2
    assert not (workdir / "x").exists()


@pytest.mark.parametrize(
    "command",
    [
        "echo \\@", "echo `x @`", "echo ${X:-@}", "echo \"${X:-@}\"", "echo $((@))", "((@))",
        "echo $[@]", "cat <<E\n@\nE", "# @", "x # it's @\ny", "echo $'@'", "case @ in a) ;; esac",
        "cat <<E\nE\necho @",
    ],
)  # fmt: skip
def test_where_nothing_can_be_quoted_only_plain_values_are_put(command: str) -> None:
    assert filled(command.replace("@", PLACE), [("x", "a-1.5")]) == command.replace("@", "a-1.5")
    with pytest.raises(InvalidValue, match=r"VALUE=\{x\}; and use \$VALUE"):
        filled(command.replace("@", PLACE), [("x", "$(a)")])
