"""Slices: small enough to be worth it, never so small that the result is another one."""

from __future__ import annotations

import pytest

from nbtrail.entities import CellExecution
from nbtrail.trail import slicing
from trail.trails import Session


def executed(*cells: str | tuple[str, str]) -> Session:
    """Execute cells, called a, b, c, …, or as the first of a pair says."""
    session = Session()
    for number, cell in enumerate(cells):
        cell_id, source = cell if isinstance(cell, tuple) else (chr(ord("a") + number), cell)
        session.run(cell_id, source)
    return session


def kept(session: Session) -> str:
    """Slice for the last cell; run the slice afresh, to the same `score`."""
    found = slicing.needed(session.executions, session.executions[-1].id)
    again = Session()
    for execution in found.executions:
        again.run(execution.cell_id, execution.source)
    assert again.namespace["score"] == session.namespace["score"]
    return "".join(str(execution.cell_id) for execution in found.executions)


SCIENCE = "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import Ridge"
DATA = "df = pd.DataFrame({'x': np.arange(20.0), 'y': np.arange(20.0) * 2})"
FIT = "model = Ridge(alpha=0.1)\nmodel.fit(df[['x']], df.y)"
SCORE = "score = model.score(df[['x']], df.y)"


@pytest.mark.parametrize(
    "looked_at",
    [
        "print(df.describe(), len(df), df.x.mean())",
        "df.head()",
        "df.groupby('x').agg('mean').sort_values('y')",
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot(df.x)\n"
        "ax.set_title('x')\nplt.close(fig)",
        "import matplotlib.pyplot as plt\nfig, axes = plt.subplots(2)\n"
        "for ax, name in zip(axes, ['x', 'y']):\n    ax.hist(df[name])\n    ax.set_xlabel(name)\n"
        "plt.close(fig)",
        "other = Ridge(alpha=10.0)\nother.fit(df[['x']], df.y)\n"
        "other_score = other.score(df[['x']], df.y)",
        "def show(frame):\n    return frame.describe().round(2)\nshow(df)",
        "squares = []\nfor value in df.x:\n    squares.append(value ** 2)",
        "total = sum(x for x in df.x)\ntext = f'{total:.2f}'.strip()",
        "rng2 = np.random.default_rng(3)\nnoise = rng2.normal(size=3)",
        "df2 = df.copy()\ndf2['z'] = 1",
        "text = df.to_dict()",
    ],
)
def test_what_only_looks_is_left_out(looked_at: str) -> None:
    assert kept(executed(SCIENCE, DATA, looked_at, FIT, SCORE)) == "abde"


@pytest.mark.parametrize(
    "setup",
    [
        "import os\nos.environ['TRAIL_TEST'] = '1'",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import random\nrandom.seed(3)",
        "import numpy as np\nnp.random.seed(0)",
        "import os\nos.makedirs('out', exist_ok=True)",
        "open('made.txt', 'w').write('1')",
        "with open('made.txt', 'w') as file:\n    print('1', file=file)",
        "df.to_csv('made.csv')",
        "path = 'made.csv'\nsaved = df.to_csv(path)",
        "from sklearn.experimental import enable_iterative_imputer",
        "import this_is_used_by_none as _",
        "import pandas as pd\npd.options.display.max_rows = 5",
        "import sys\nsys.path.append('lib')",
        "def prepare():\n    import os\n    os.makedirs('out', exist_ok=True)\nprepare()",
        "!mkdir -p out",
        "%env X=1",
        "%%bash\nls",
        "%%writefile made.py\nx = 1",
        "x = (",
    ],
)
def test_what_is_called_for_its_effect_is_kept(setup: str) -> None:
    score = CellExecution(2, "session", 1, "b", "score = 0.5 / 1", 2, 0, status="ok")
    cell = CellExecution(1, "session", 0, "a", setup, 1, 0, status="ok")
    found = slicing.needed([cell, score], 2)
    assert found.executions == [cell, score]
    assert found.reasons[1]


@pytest.mark.parametrize(
    ("made", "changed", "score"),
    [
        ("xs = [3, 1, 2]", "last = xs.pop()", "score = len(xs) * 1.0"),
        ("xs = [3, 1, 2]", "import random\nrandom.Random(0).shuffle(xs)", "score = xs[0] * 1.0"),
        ("xs = [3, 1, 2]", "ys = xs\nys.append(4)", "score = len(xs) * 1.0"),
        ("xs = [[1], [2]]", "for one in xs:\n    one.append(1)", "score = len(xs[0]) * 1.0"),
        ("d = {'w': [1]}", "part = d['w']\npart.append(2)", "score = len(d['w']) * 1.0"),
        ("xs = iter([1, 2, 3])", "first = next(xs)", "score = sum(xs) * 1.0"),
        ("xs = (x for x in [1, 2, 3])", "seen = list(xs)", "score = sum(xs) * 1.0"),
        (
            "def count():\n    yield 1\nxs = count()",
            "seen = [x for x in xs]",
            "score = sum(xs) * 1.0",
        ),
        (
            "xs = [1]",
            "def add(a):\n    a.append(2)\n    return a\nys = add(xs)",
            "score = len(xs) * 1.0",
        ),
        ("xs = [1]", "def add():\n    xs.append(2)\nn = add()", "score = len(xs) * 1.0"),
        (
            "xs = [1]",
            "def outer():\n    inner()\ndef inner():\n    xs.append(2)\nn = outer()",
            "score = len(xs) * 1.0",
        ),
        ("xs = [1]", "seen = list(map(lambda x: xs.append(x), [5]))", "score = len(xs) * 1.0"),
        (
            "xs = [1]",
            "def note(x):\n    xs.append(x)\nseen = list(map(note, [5]))",
            "score = len(xs) * 1.0",
        ),
        (
            "class Box:\n    def __init__(self):\n        self.n = 0\n    def score(self):\n"
            "        self.n += 1\n        return self.n\nbox = Box()",
            "shown = box.score()",
            "score = box.n * 1.0",
        ),
        ("class Box:\n    n = 0\nbox = Box()", "box.n = 3", "score = box.n * 1.0"),
        (
            "import pandas as pd\ndf = pd.DataFrame({'x': [None, 1.0]})",
            "none = df.fillna(2.0, inplace=True)",
            "score = float(df.x.iloc[0])",
        ),
        ("import numpy as np\nx = np.arange(4.0)", "first = x[:2]\nfirst += 5", "score = x[0]"),
        (
            "import numpy as np\nx = np.arange(4.0)",
            "flat = x.reshape(2, 2)\nflat[0] = 7",
            "score = x[0]",
        ),
        ("import numpy as np\nx = np.arange(4.0)", "y = np.add(x, 1, out=x)", "score = x[0]"),
        (
            "import numpy as np\nrng = np.random.default_rng(0)",
            "a = rng.normal()",
            "score = rng.normal()",
        ),
        (
            "import numpy as np\nfrom sklearn.utils import resample\n"
            "rng = np.random.RandomState(0)",
            "a = resample([1, 2, 3], random_state=rng)",
            "score = rng.normal()",
        ),
        (
            "import numpy as np\nnp.random.seed(0)",
            "a = np.random.rand(3)",
            "score = np.random.rand()",
        ),
        (
            "import numpy as np\nnp.random.seed(0)",
            "import pandas as pd\na = pd.Series([1, 2, 3]).sample(2)",
            "score = np.random.rand()",
        ),
        (
            "import numpy as np\nnp.random.seed(0)",
            "def noise():\n    return np.random.rand()\na = noise()",
            "score = np.random.rand()",
        ),
        ("import random\nrandom.seed(1)", "a = random.random()", "score = random.random()"),
        (
            "import random\ndef fix(seed):\n    random.seed(seed)\nfix(2)",
            "a = random.random()",
            "score = random.random()",
        ),
        (
            "import xml",
            "import xml.dom.minidom",
            "score = float(len(xml.dom.minidom.parseString('<a/>').childNodes))",
        ),
    ],
)
def test_what_may_change_an_input_is_kept(made: str, changed: str, score: str) -> None:
    assert kept(executed(made, changed, score)) == "abc"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # A cell that ran twice is there twice if both have left something.
        (
            [
                ("a", "xs = []"),
                ("b", "xs.append(1)"),
                ("b", "xs.append(1)"),
                ("c", "score = len(xs) / 3"),
            ],
            "abbc",
        ),
        # What was bound anew is not needed as it was.
        ([("a", "n = 3"), ("b", "m = n * 2"), ("a", "n = 4"), ("c", "score = m / 10")], "abc"),
        ([("a", "n = 3"), ("a", "n = 4"), ("c", "score = n / 10")], "ac"),
        # A failed cell counts only for what it has left.
        ([("a", "n = 3"), ("b", "1 / 0"), ("c", "score = n / 10")], "ac"),
        ([("a", "n = 3"), ("b", "n = 5\n1 / 0"), ("c", "score = n / 10")], "bc"),
        # The globals of a method are not seen where an object is used.
        (
            [
                ("a", "class Half:\n    def of(self, x):\n        return helper(x)"),
                ("b", "half = Half()"),
                ("c", "def helper(x):\n    return x / 2"),
                ("d", "score = half.of(3)"),
            ],
            "abcd",
        ),
        # Code in a text reads what it mentions; code that is made up may read anything.
        (
            [("a", "n = 2"), ("b", "k = 3"), ("c", "exec('m = n + 2')"), ("d", "score = m / 1")],
            "acd",
        ),
        ([("a", "n = 2"), ("b", "k = 'n'"), ("c", "score = eval(k) / 1")], "abc"),
        ([("a", "n = 2"), ("b", "k = 3"), ("c", "score = globals()['n'] / 1")], "abc"),
        (
            [("a", "n = 2"), ("b", "k = 3"), ("c", "from math import *"), ("d", "score = sqrt(k)")],
            "bcd",
        ),
        # Other models of the same data.
        (
            [
                ("a", "def train(k):\n    return k * 2.0"),
                ("b", "one = train(1)"),
                ("c", "two = train(2)"),
                ("d", "score = two"),
            ],
            "acd",
        ),
    ],
)
def test_which_executions_are_kept(cells: list[tuple[str, str]], expected: str) -> None:
    assert kept(executed(*cells)) == expected


def test_what_no_cell_has_bound_is_named() -> None:
    session = Session()
    session.namespace["given"] = 3
    session.run("a", "score = given / 10")
    found = slicing.needed(session.executions, session.executions[-1].id)
    assert found.missing == ["given"]


def test_what_comes_after_the_metric_is_left_out() -> None:
    session = executed("import os", "score = 1 / 3", "os.makedirs('late', exist_ok=True)")
    found = slicing.needed(session.executions, 101)
    assert [execution.cell_id for execution in found.executions] == ["b"]


def test_the_chain_tells_what_each_cell_gave() -> None:
    session = executed("n = 3", "k = 4", "m = n * 2", "import os", "score = m / n")
    links = slicing.chain(session.executions, session.executions[-1].id)
    assert [(link.execution.cell_id, link.provides) for link in links] == [
        ("a", ["n"]), ("c", ["m"]), ("e", []),
    ]  # fmt: skip
