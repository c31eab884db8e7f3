"""What came of a reproduction, in words."""

from __future__ import annotations

from nbtrail.display.html import reproduction_html
from nbtrail.entities import Attempt, Difference, Reproduction
from nbtrail.trail.reproduction import MOST, first_difference, reproduction_text

DATA = Difference("data", "wine <train>", "a1", "b2", cell=2, cell_id="load")
CURVE = Difference("metric", "loss", 0.1, 0.30000000000000004, cell=3, cell_id="x" * 40, step=7)
CLOSE = Difference("metric", "acc", 0.5, 0.5000001, within=True, cell=1, cell_id="fit")
GONE = Difference("artifact", "roc.png", "abc", None)
LONGER = Difference("metric", "loss", None, 0.5, cell=3, cell_id="fit", step=9)


def reproduction(*differences: Difference, notes: list[str] | None = None) -> Reproduction:
    attempt = Attempt("0123456789", "diverged", list(differences))
    return Reproduction("f" * 32, "diverged", [attempt], notes or [])


def test_the_first_difference_in_a_sentence() -> None:
    told = {
        DATA: "First in cell 2 (load): the data wine <train> was a1 and is b2.",
        CURVE: "First in cell 3: loss at step 7 was 0.1 and is 0.30000000000000004.",
        GONE: "First: the artifact roc.png was abc and is missing.",
        LONGER: "First in cell 3 (fit): loss at step 9 was missing and is 0.5.",
    }
    for difference, sentence in told.items():
        assert first_difference(Attempt("run", "diverged", [CLOSE, difference])) == sentence
    assert first_difference(Attempt("run", "within tolerance", [CLOSE])) == ""


def test_all_differences_are_in_a_table() -> None:
    lines = reproduction_text(
        reproduction(CLOSE, DATA, notes=["a note\nof two lines"])
    ).splitlines()
    assert lines[0] == "diverged  (run 01234567)"
    assert [line.split() for line in lines[2:]] == [
        ["WHAT", "NAME", "CELL", "ORIGINAL", "REPRODUCED"],
        ["metric", "acc", "1", "(fit)", "0.5", "0.5000001", "within", "tolerance"],
        ["data", "wine", "<train>", "2", "(load)", "a1", "b2"],
        ["Note:", "a", "note", "of", "two", "lines"],
    ]


def test_of_many_differences_the_first_are_shown() -> None:
    lines = reproduction_text(reproduction(*[DATA] * (MOST + 5))).splitlines()
    assert len(lines) == MOST + 4
    assert lines[-1] == "… and 5 more"


def test_no_text_steers_a_terminal_or_a_page() -> None:
    found = reproduction(Difference("output", "stdout", "\x1b[2J<b>", "\r\x00"))
    assert "\x1b" not in reproduction_text(found)
    assert "\x00" not in reproduction_text(found)
    assert "<b>" not in reproduction_html(found)


def test_an_outcome_can_be_painted() -> None:
    text = reproduction_text(reproduction(DATA), lambda outcome: f"*{outcome}*")
    assert text.startswith("*diverged*  (run 01234567)\n")
