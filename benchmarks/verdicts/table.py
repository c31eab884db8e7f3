"""What the verdicts were worth, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAD = """\
# Verdicts

Each run has a verdict: would restart-and-run-all of the notebook, as it was when the run's last
cell ended, give the same results? Here is how often it is right, as `python -m benchmarks.verdicts`
measured it.

Every session below was executed cell by cell in a kernel of its own with the recorder on, and then
its document from top to bottom in a fresh kernel without it, until a cell failed. The results are
*reproduced* if each metric came out of its cell again with exactly the same value.

- **False linear**: not reproduced, and called `linear`. There must be none.
- **Recall**: of the sessions that were not reproduced, those that were not called `linear`.
- **Precision**: of the sessions that were not called `linear`, those that were not reproduced. The
  others have a finding that is true and, this time, did not matter: an edit that changed nothing,
  a cell with `exec` that did what it had done before.
"""

LIMITS = """\
## What is not seen

- Generators of random numbers that nobody has seeded, time, the network, and files that have
  changed, modules among them: a session that ran once is `linear` whatever they gave. A cell that
  ran twice and gave different values from the same inputs is `unknown`. Of those that have a seed,
  Python's, numpy's and torch's (on the processor) are watched.
- What calls set for the whole process, but for the folder (`os.chdir`) and the path of imports:
  `np.seterr`, `%env`. Seeds, `set_…` and `use…` are seen, and what is assigned, such as
  `os.environ["K"] = "1"`, or given to a dictionary: `plt.rcParams.update(…)`.
- A change of a few elements of an array or a frame of more than 32 KB, or of a long list: a sample
  is compared. That `x[3, 5] += 1` ran twice is seen all the same.
- What a library keeps in objects of C, unless the cell says that it changes them.

`nbtrail reproduce` is the proof; a verdict is what can be said at once.
"""


@dataclass(frozen=True)
class Outcome:
    """One session: what it was, what was said of it, and what is true."""

    kind: str
    verdict: str
    reproduced: bool
    expected: str | None
    reasons: tuple[str, ...]

    @property
    def is_false(self) -> bool:
        """Whether it was called linear, and is not."""
        return self.verdict == "linear" and not self.reproduced

    @property
    def is_unexpected(self) -> bool:
        """Whether it was made to deserve another verdict."""
        return self.expected not in {None, self.verdict}


def as_markdown(outcomes: Sequence[Outcome], about: str) -> str:
    """Return the page."""
    made = [one for one in outcomes if one.expected is None]
    faults = [one for one in outcomes if one.expected is not None]
    return "\n".join(
        [
            HEAD,
            f"## {len(made)} generated sessions\n",
            _by_class(made),
            f"\n## {len(faults)} sessions made by hand, with a known fault or none\n",
            _by_verdict(faults),
            "",
            LIMITS,
            f"Measured with {about}.",
            "",
        ]
    )


def _by_class(outcomes: Sequence[Outcome]) -> str:
    kinds = list(dict.fromkeys(one.kind for one in outcomes))
    rows = [_class_row(kind, [one for one in outcomes if one.kind == kind]) for kind in kinds]
    head = ["class", "sessions", "reproduced", "false linear", "recall", "precision", "verdicts"]
    return table([head, *rows, _class_row("all", outcomes)])


def _class_row(kind: str, outcomes: Sequence[Outcome]) -> list[str]:
    broken = [one for one in outcomes if not one.reproduced]
    flagged = [one for one in outcomes if one.verdict != "linear"]
    caught = sum(not one.reproduced for one in flagged)
    words = sorted({one.verdict for one in outcomes})
    told = ", ".join(f"{sum(one.verdict == word for one in outcomes)} {word}" for word in words)
    return [
        kind,
        str(len(outcomes)),
        str(len(outcomes) - len(broken)),
        str(sum(one.is_false for one in outcomes)),
        share(caught, len(broken)),
        share(caught, len(flagged)),
        told,
    ]


def _by_verdict(outcomes: Sequence[Outcome]) -> str:
    words = dict.fromkeys(one.expected or "" for one in outcomes)
    rows = []
    for word in words:
        right = sum(one.verdict == one.expected == word for one in outcomes)
        deserved = sum(one.expected == word for one in outcomes)
        given = sum(one.verdict == word for one in outcomes)
        rows.append([word, str(deserved), share(right, deserved), share(right, given)])
    return table([["verdict", "sessions that deserve it", "recall", "precision"], *rows])


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent, and as it was counted."""
    return f"{100 * part / whole:.0f} % ({part} of {whole})" if whole else "-"


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows, the first of which is the head, as a table of Markdown."""
    head, *others = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *others])
