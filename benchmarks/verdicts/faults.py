"""Sessions with one known fault each, and the verdict that it deserves."""
# ruff: noqa: E501 - one session, one line

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.verdicts.sessions import Session

Make = Callable[[Session], object]
LINEAR, ORDER, STALE = "linear", "out-of-order", "stale-inputs"
HIDDEN, UNKNOWN = "hidden-state", "unknown"


def faults() -> Iterator[Session]:
    """Yield the sessions."""
    for number, (expected, sources, make) in enumerate(_FAULTS):
        cells = [(f"c{index}", source) for index, source in enumerate(sources)]
        session = Session(f"fault {number}", cells, expected=expected)
        make(session)
        yield session


def _all_then(*more: str) -> Make:
    return lambda session: session.run_all().run(*more)


def _only(*cells: str) -> Make:
    return lambda session: session.run(*cells)


def _edited(cell: str, source: str, *more: str) -> Make:
    return lambda session: session.run_all().edit(cell, source).run(*more)


def _deleted(cell: str, *more: str) -> Make:
    return lambda session: session.run_all().delete(cell).run(*more)


def _moved(cell: str, place: int, *more: str) -> Make:
    return lambda session: session.run_all().move(cell, place).run(*more)


_FRAME = "import pandas as pd\ndf = pd.DataFrame({'x': [1.0, 2.0, 4.0]})"
_ARRAY = "import numpy as np\na = np.arange(6.0)"
_RATE = ["rate = 2", "def f(x):\n    return x * rate", "score = f(3) / 10"]
_SEED = "import numpy as np\nnp.random.seed(1)"
_FOREST = "from sklearn.datasets import load_wine\nfrom sklearn.tree import ExtraTreeClassifier\nX, y = load_wine(return_X_y=True)\nmodel = ExtraTreeClassifier(max_depth=2).fit(X, y)"
_COUNTER = ["n = 0", "def count():\n    global n\n    n += 1\n    return n"]
_MODEL = "class Model:\n    def __init__(self):\n        self.w = 1.0\n    def fit(self, x):\n        self.w += x\n        return self"

_FAULTS: list[tuple[str, list[str], Make]] = [
    # Stale: what was read has been edited, or had another value later
    (STALE, ["n = 3", "m = n * 2", "score = m / 10"], _edited("c0", "n = 4", "c0", "c2")),
    (STALE, ["n = 3", "m = n * 2", "score = m / 10"], _edited("c0", "n = 4", "c2")),
    (STALE, ["n = 3", "m = n * 2", "score = m / 10"], _edited("c1", "m = n * 5", "c2")),
    (STALE, _RATE, _edited("c1", "def f(x):\n    return x + rate", "c2")),
    (STALE, _RATE, _edited("c0", "rate = 7", "c2")),
    (STALE, [_FRAME, "df['z'] = df.x * 2", "rmse = df.z.mean()"], _edited("c1", "df['z'] = df.x * 9", "c2")),
    (STALE, [_FRAME, "part = df[df.x > 1]", "rmse = part.x.mean()"], _edited("c0", _FRAME + "\ndf.x += 1", "c0", "c2")),
    (STALE, ["import time\nt = time.perf_counter()", "m = t * 1", "score = m / 10"], _all_then("c0", "c2")),
    (STALE, [_MODEL, "m = Model().fit(2)", "score = m.w / 10"], _edited("c0", _MODEL.replace("1.0", "5.0"), "c0", "c2")),
    (STALE, ["xs = [1, 2]", "total = sum(xs)", "score = total / 10"], _edited("c0", "xs = [5, 6]", "c0", "c2")),
    (STALE, ["k = 2", "k2 = k", "k3 = k2", "score = k3 / 10"], _edited("c0", "k = 9", "c0", "c3")),
    (STALE, ["lr = 0.1", "import numpy as np\nw = np.full(3, lr)", "loss = float(w.sum())"], _edited("c0", "lr = 0.7", "c0", "c2")),
    # Hidden: what was read is not in the notebook
    (HIDDEN, ["t = 4", "score = t / 10"], _deleted("c0", "c1")),
    (HIDDEN, ["t = 4", "u = t + 1", "score = u / 10"], _deleted("c1", "c2")),
    (HIDDEN, ["t = 4", "u = t + 1", "score = u / 10"], _deleted("c0", "c2")),
    (HIDDEN, _RATE, _deleted("c0", "c2")),
    (HIDDEN, _RATE, _deleted("c1", "c2")),
    (HIDDEN, ["xs = [1]", "xs.append(5)", "score = sum(xs) / 10"], _deleted("c1", "c2")),
    (HIDDEN, [_FRAME, "df['x'] = df.x + 1", "rmse = df.x.mean()"], _deleted("c1", "c2")),
    (HIDDEN, ["import math", "score = math.pi / 10"], _deleted("c0", "c1")),
    (HIDDEN, [_ARRAY, "b = a", "b += 3", "score = a.sum() / 10"], _deleted("c2", "c3")),
    (HIDDEN, [_MODEL, "m = Model()", "m.w = 7.0", "score = m.w / 10"], _deleted("c2", "c3")),
    (HIDDEN, ["xs = []", "d = {'xs': xs}", "xs.append(4)", "score = sum(d['xs']) / 10"], _deleted("c2", "c3")),
    (HIDDEN, ["v = 2", "note = 'x'\nprint(v)", "score = 0.5 * 1"], _deleted("c0", "c2")),
    # Out of order: top to bottom, something else would be read
    (ORDER, ["score = k / 10", "k = 4"], _only("c1", "c0")),
    (ORDER, ["k = 1", "score = k / 10", "k = 4"], _only("c0", "c2", "c1")),
    (ORDER, ["xs = []", "xs.append(3)", "score = sum(xs) / 9"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["n = 1", "n = n + 1", "score = n / 10"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["n = 1", "n += 1", "score = n / 10"], _only("c0", "c1", "c1", "c1", "c2")),
    (ORDER, [_FRAME, "df['x'] = df.x * 2", "rmse = df.x.mean()"], _only("c0", "c1", "c1", "c2")),
    (ORDER, [_ARRAY, "a += 1", "score = a.sum() / 10"], _only("c0", "c1", "c1", "c2")),
    (ORDER, [_ARRAY, "b = a[:3]", "b *= 2", "score = a.sum() / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, ["xs = [2]", "ys = xs", "ys.append(1)", "score = sum(xs) / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, ["xs = [2]", "d = {'in': xs}", "xs.append(1)", "score = sum(d['in']) / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, [_MODEL, "m = Model()", "m.fit(2)", "score = m.w / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, [_MODEL, "m = Model()", "h = m.fit(2)", "score = m.w / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, [*_COUNTER, "score = count() / 10"], _only("c0", "c1", "c2", "c2")),
    (ORDER, ["it = iter(range(9))", "a = next(it)", "score = a / 10"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["import random\nr = random.Random(1)", "x = r.random()", "score = x / 10"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["import numpy as np\nr = np.random.default_rng(1)", "x = r.random()", "score = x / 10"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["k = 4", "k = 8", "score = k / 10"], _only("c1", "c0", "c2")),
    (ORDER, ["k = 4", "k = 8", "score = k / 10"], _moved("c1", 0, "c1", "c2")),
    (ORDER, ["seen = []", "def f(x):\n    seen.append(x)\n    return len(seen)", "v = f(1)", "score = v / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, ["def f(bag):\n    bag['n'] = bag.get('n', 0) + 1", "bag = {}", "f(bag)", "score = bag['n'] / 10"], _only("c0", "c1", "c2", "c2", "c3")),
    (ORDER, ["x = 1", "y = z + x", "z = 5", "score = x / 10"], _only("c0", "c2", "c1", "c3")),
    (ORDER, [_SEED, "x = float(np.random.rand())", "score = x / 10"], _only("c0", "c1", "c1", "c2")),
    (ORDER, [_SEED, "x = float(np.random.rand())", "y = np.random.rand()", "score = x / 10"], _only("c0", "c1", "c2", "c1", "c3")),
    (ORDER, ["import random\nrandom.seed(3)", "xs = random.sample(range(99), 9)", "score = xs[0] / 100"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["import numpy as np\nnp.random.seed(3)", _FOREST, "accuracy = model.score(X, y)"], _only("c0", "c1", "c1", "c2")),
    (ORDER, ["import os", "here = os.path.basename(os.getcwd())\nscore = len(here) / 100", "os.makedirs('a', exist_ok=True)\nos.chdir('a')"], _all_then("c1")),
    (ORDER, ["import os", "x = int(os.environ.get('RATE', '1'))", "score = x / 10", "os.environ.update(RATE='5')"], _only("c0", "c3", "c1", "c2")),
    (ORDER, ["import os", "x = int(os.environ.get('RATE', '1'))", "score = x / 10", "os.environ['RATE'] = '5'"], _only("c0", "c3", "c1", "c2")),
    # Unknown: nobody can say
    (UNKNOWN, ["v = 2", "exec('w = v * 3')", "score = w / 10"], _only("c0", "c1", "c2", "c2")),
    (UNKNOWN, ["from math import *", "score = floor(3.7) / 10"], _only("c0", "c1", "c1")),
    (UNKNOWN, ["v = 2", "v + 3", "score = _ / 10"], _only("c0", "c1", "c2", "c1", "c2")),
    (UNKNOWN, ["v = 2", "1 / 0", "score = v / 10"], _only("c0", "c1", "c2")),
    (ORDER, ["v = 2", "v = open('none').read()", "score = v / 10"], _only("c0", "c2")),
    (UNKNOWN, ["v = 2", "helper(v)", "score = v / 10"], _only("c0", "c2")),
    (UNKNOWN, ["import numpy as np", "x = float(np.random.rand())", "score = x / 10"], _only("c0", "c1", "c1", "c2")),
    # And no fault at all, although it looks like one
    (LINEAR, ["lr = 0.1", "w = lr * 2", "loss = w / 10"], _edited("c0", "lr = 0.3", "c0", "c1", "c2")),
    (LINEAR, [_FRAME, "df['z'] = df.x * 2", "rmse = df.z.mean()"], _only("c0", "c1", "c1", "c2")),
    (LINEAR, ["n = 3", "score = n / 10"], _edited("c0", "n = 3  # three", "c1")),
    (LINEAR, ["a = 1", "b = 2", "score = (a + b) / 10"], _only("c1", "c0", "c2")),
    (LINEAR, ["a = 1", "print(a)", "score = a / 10"], _deleted("c1", "c2")),
    (LINEAR, [_ARRAY, "a.sum()", "a.mean()", "score = a.sum() / 10"], _only("c0", "c1", "c1", "c2", "c3")),
    (LINEAR, [_FRAME, "df.describe()", "df.head()", "rmse = df.x.mean()"], _only("c0", "c2", "c1", "c1", "c3")),
    (LINEAR, ["xs = [1]", "xs.append(2)", "score = sum(xs) / 10"], _only("c0", "c1", "c1", "c0", "c1", "c2")),
    (LINEAR, ["import random\nr = random.Random(1)\nx = r.random()", "score = x / 10"], _only("c0", "c0", "c1")),
    (LINEAR, ["a = 2", "b = a * 2", "score = b / 10"], lambda s: s.run_all().move("c2", 0).move("c2", 2).run("c2")),
    (LINEAR, ["a = 2", "b = a * 2", "score = b / 10"], lambda s: s.run("c0", "c1").restart().run_all()),
    (LINEAR, ["a = 2", "score = a / 10", "b = a * 2"], _only("c0", "c1")),
    (LINEAR, [_SEED, "x = float(np.random.rand())", "score = x / 10"], _only("c0", "c1", "c0", "c1", "c2")),
    (LINEAR, [_SEED, "x = float(np.random.rand())", "score = x / 10"], _edited("c0", _SEED.replace("(1)", "(2)"), "c0", "c1", "c2")),
    (LINEAR, ["import os\nos.environ.update(RATE='5')", "x = int(os.environ['RATE'])", "score = x / 10"], _only("c0", "c1", "c0", "c2")),
    (LINEAR, ["import pandas as pd", "df = pd.DataFrame({'x': [1.0]})", "rmse = df.x.mean()", "pd.set_option('display.width', 90)"], _all_then("c1", "c2")),
    (LINEAR, ["import sys\nsys.path.append('lib')", "k = len('a')", "score = k / 10"], _only("c0", "c1", "c0", "c2")),
]  # fmt: skip
