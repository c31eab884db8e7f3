"""Sessions as people have them: a notebook that is run, and then edited, run again, torn apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.verdicts.lives import Cells, Run

CLASSES = (
    "in order", "edit", "delete", "reorder", "mutate", "alias", "re-run", "restart",
    "closure", "opaque", "skip", "paste", "iterator", "random", "seed",
)  # fmt: skip


@dataclass
class Session:
    """One session: `document` is the notebook at its end.

    `expected` is the verdict of a hand-made one.
    """

    kind: str
    document: Cells
    runs: list[Run] = field(default_factory=list)
    expected: str | None = None

    def run(self, *cells: str) -> Session:
        """Execute cells as they are now."""
        for cell in cells:
            if cell in dict(self.document):
                self.runs.append(Run(cell, list(self.document)))
        return self

    def run_all(self) -> Session:
        """Execute all cells from top to bottom."""
        return self.run(*(cell for cell, _ in self.document))

    def edit(self, cell: str, source: str) -> Session:
        """Change what a cell says."""
        self.document = [(one, source if one == cell else text) for one, text in self.document]
        return self

    def delete(self, cell: str) -> Session:
        """Take a cell out."""
        self.document = [(one, text) for one, text in self.document if one != cell]
        return self

    def move(self, cell: str, place: int) -> Session:
        """Put a cell somewhere else."""
        source = dict(self.document)[cell]
        return self.delete(cell).insert(cell, source, place)

    def insert(self, cell: str, source: str, place: int) -> Session:
        """Put a new cell in."""
        self.document = [*self.document[:place], (cell, source), *self.document[place:]]
        return self

    def restart(self) -> Session:
        """Lose everything but the document."""
        self.runs = []
        return self


def generate(kind: str, seed: int) -> Session:
    """Return a session of a class; the same for the same seed."""
    dice = random.Random(f"{kind} {seed}")
    session = Session(kind, _notebook(kind, dice))
    _ACTIONS[kind](session, dice)
    result = _result(session)
    if not session.runs or session.runs[-1] != Run(result, session.document):
        session.run(result)
    return session


def _result(session: Session) -> str:
    """Return the cell that gives the result, wherever it stands now."""
    return next(cell for cell, source in reversed(session.document) if "score =" in source)


# Notebooks: cells that build on each other, some of them of the class's own kind

_COMMON = (
    "{new} = {old} + {k}",
    "{new} = [{old}, {k}]\n{new} = sum({new}) / 2",
    "{new} = {old} * 2 if {old} > {k} else {old} + 1",
    "import numpy as np\n{new} = float(np.mean([{old}, {k}, 3.5]))",
    "{new} = {{'a': {old}, 'b': {k}}}['a']",
)
_OF_KIND: dict[str, tuple[str, ...]] = {
    "mutate": (
        "box_{new} = []",
        "box_{new}.append({old})\n{new} = len(box_{new})",
        "box_{new} = {{'n': {old}}}",
        "box_{new}['n'] = box_{new}['n'] + {k}\n{new} = box_{new}['n']",
        "import numpy as np\nbox_{new} = np.arange(3.0)",
        "box_{new} += {k}\n{new} = box_{new}.sum()",
        "import pandas as pd\nbox_{new} = pd.DataFrame({{'x': [{old}, 2.0]}})",
        "box_{new}['z'] = box_{new}.x * {k}\n{new} = box_{new}.z.sum()",
        "class Model:\n    w = 0\nbox_{new} = Model()",
        "box_{new}.w = box_{new}.w + {k}\n{new} = box_{new}.w",
        "box_{new} = {old}",
        "box_{new} = box_{new} + {k}\n{new} = box_{new}",
    ),
    "alias": (
        "box_{new} = [{old}]\nother_{new} = box_{new}",
        "other_{new}.append({k})\n{new} = sum(box_{new})",
        "box_{new} = []\nother_{new} = {{'inner': box_{new}}}",
        "box_{new}.append({k} + {old})\n{new} = sum(other_{new}['inner'])",
        "import numpy as np\nbox_{new} = np.ones(4)\nother_{new} = box_{new}[:2]",
        "other_{new} *= {k}\n{new} = box_{new}.sum() + {old}",
        "box_{new} = [{old}]\nother_{new} = box_{new}.append",
        "other_{new}({k})\n{new} = len(box_{new})",
    ),
    "closure": (
        "rate_{new} = {k}\ndef scale_{new}(x):\n    return x * rate_{new}",
        "{new} = scale_{new}({old})",
        "seen_{new} = []\ndef note_{new}(x):\n    seen_{new}.append(x)\n    return len(seen_{new})",
        "{new} = note_{new}({old})",
        "total_{new} = 0\n"
        "def add_{new}(x):\n    global total_{new}\n    total_{new} += x\n    return total_{new}",
        "{new} = add_{new}({old})",
        "unit_{new} = {k}\n"
        "class Scaler_{new}:\n    def apply(self, x):\n        return x + unit_{new}",
        "{new} = Scaler_{new}().apply({old})",
        "def fill_{new}(into):\n    into['v'] = into.get('v', 0) + {k}\nbag_{new} = {{}}",
        "fill_{new}(bag_{new})\n{new} = bag_{new}['v'] + {old}",
    ),
    "opaque": (
        "exec('hidden_{new} = {old} + {k}')",
        "{new} = hidden_{new} * 1.5",
        "from math import *",
        "{new} = floor({old}) + {k}",
        "side_{new} = {old}",
        "exec('side_{new} = side_{new} + 1')\n{new} = side_{new}",
    ),
    "iterator": (
        "stream_{new} = iter(range({k}, 99))",
        "{new} = next(stream_{new}) + {old}",
        "pairs_{new} = zip(range({k}), range(9))",
        "{new} = len(list(pairs_{new})) + {old}",
    ),
    "random": (
        "import numpy as np\nrng_{new} = np.random.default_rng({k})",
        "{new} = rng_{new}.random() + {old}",
        "import random\ndice_{new} = random.Random({k})",
        "{new} = dice_{new}.random() + {old}",
    ),
    "seed": (
        "import numpy as np\nnp.random.seed({k})",
        "{new} = np.random.rand() + {old}",
        "import random\nrandom.seed({k})",
        "{new} = random.random() + {old}",
    ),
}  # fmt: skip


def _notebook(kind: str, dice: random.Random) -> Cells:
    sources = [f"v0 = {dice.randint(2, 9)}"]
    kinds = list(_OF_KIND) if kind not in _OF_KIND else [kind]
    for number in range(1, dice.randint(3, 5)):
        words = {"new": f"v{number}", "old": f"v{dice.randrange(number)}", "k": dice.randint(2, 5)}
        if dice.random() < (0.7 if kind in _OF_KIND else 0.35):
            templates = _OF_KIND[dice.choice(kinds)]
            first = 2 * dice.randrange(len(templates) // 2)
            sources += [text.format(**words) for text in templates[first : first + 2]]
        else:
            sources.append(dice.choice(_COMMON).format(**words))
    last = sources[-1].rpartition("\n")[2].split(" ")[0]
    read = last if last.startswith("v") and last[1:].isdigit() else "v0"
    sources.append(f"score = ({read} + v{dice.randrange(number + 1)}) / 10")
    return [(f"c{index}", source) for index, source in enumerate(sources)]


# What people do

_Action = Callable[[Session, random.Random], object]


def _in_order(session: Session, _: random.Random) -> None:
    session.run_all()


def _some_cell(session: Session, dice: random.Random) -> str:
    return dice.choice(session.document[:-1])[0]


def _edit(session: Session, dice: random.Random) -> None:
    session.run_all()
    for _ in range(dice.randint(1, 2)):
        cell = _some_cell(session, dice)
        source = dict(session.document)[cell]
        session.edit(cell, _edited(source, dice))
        if dice.random() < 0.5:
            session.run(cell)
        if dice.random() < 0.3:
            session.run(*(one for one, _ in _below(session, cell)))


def _edited(source: str, dice: random.Random) -> str:
    if dice.random() < 0.25:
        return f"{source}  # as before"
    digits = [index for index, letter in enumerate(source) if letter.isdigit()]
    numbers = [i for i in digits if i == 0 or not (source[i - 1].isalnum() or source[i - 1] == "_")]
    if not numbers:
        return f"{source}\nextra = 1"
    place = dice.choice(numbers)
    return f"{source[:place]}{dice.randint(2, 9)}{source[place + 1 :]}"


def _below(session: Session, cell: str) -> Cells:
    names = [one for one, _ in session.document]
    return session.document[names.index(cell) + 1 :]


def _delete(session: Session, dice: random.Random) -> None:
    session.run_all()
    session.delete(_some_cell(session, dice))
    if dice.random() < 0.4:
        session.run(_some_cell(session, dice))


def _reorder(session: Session, dice: random.Random) -> None:
    if dice.random() < 0.5:
        session.run_all()
    session.move(_some_cell(session, dice), dice.randrange(len(session.document)))
    if dice.random() < 0.5 or not session.runs:
        cells = [cell for cell, _ in session.document]
        dice.shuffle(cells)
        session.run(*cells, *cells)


def _again(session: Session, dice: random.Random) -> None:
    session.run_all()
    for _ in range(dice.randint(1, 2)):
        cell = _some_cell(session, dice)
        session.run(*[cell] * dice.randint(1, 2))
        if dice.random() < 0.6:
            session.run(*(one for one, _ in _below(session, cell)))


def _restart(session: Session, dice: random.Random) -> None:
    _again(session, dice)
    session.restart()
    if dice.random() < 0.5:
        session.run_all()
    else:
        session.run(*(cell for cell, _ in session.document if dice.random() < 0.9))
        session.run_all()


def _skip(session: Session, dice: random.Random) -> None:
    left_out = _some_cell(session, dice)
    extra = dice.choice(("note = 'x'", "v0 = 99", "print('hello')", "import math", "1 / 0"))
    session.insert("extra", extra, dice.randrange(len(session.document)))
    session.run(*(cell for cell, _ in session.document if cell not in {left_out, "extra"}))
    if dice.random() < 0.5:
        session.run_all()


def _paste(session: Session, dice: random.Random) -> None:
    session.run_all()
    cell = _some_cell(session, dice)
    source = dict(session.document)[cell]
    place = [one for one, _ in session.document].index(cell)
    session.delete(cell).insert("pasted", source, place + dice.choice((0, 0, 1)))
    if dice.random() < 0.5:
        session.run("pasted")


def _any(session: Session, dice: random.Random) -> None:
    dice.choice((_in_order, _again, _again, _edit, _reorder))(session, dice)


_ACTIONS: dict[str, _Action] = {
    "in order": _in_order, "edit": _edit, "delete": _delete, "reorder": _reorder,
    "mutate": _any, "alias": _any, "re-run": _again, "restart": _restart, "closure": _any,
    "opaque": _any, "skip": _skip, "paste": _paste, "iterator": _any, "random": _any, "seed": _any,
}  # fmt: skip
