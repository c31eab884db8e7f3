"""What a cell's source says about names."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.trail.names import analyse


def words(text: str) -> set[str]:
    return set(text.split())


@pytest.mark.parametrize(
    ("source", "loads", "binds"),
    [
        ("", "", ""),
        ("x = 1", "", "x"),
        ("x = y + z.a[b]", "y z b", "x"),
        ("x = x + 1", "x", "x"),
        ("x += y", "x y", "x"),
        ("x = y = z", "z", "x y"),
        ("a, (b, *c) = d", "d", "a b c"),
        ("x = 1; y = x", "", "x y"),
        ("y = x; x = 1", "x", "x y"),
        ("x: int = y", "int y", "x"),
        ("x: int", "int", ""),
        ("(x := y)", "y", "x"),
        ("del x", "", "x"),
        ("import a.b, c as d", "", "a d"),
        ("from a import b, c as d", "", "b d"),
        ("for i, j in xs: y = i", "xs", "i j y"),
        ("while x: y = 1", "x", "y"),
        ("with a as b, c: d = b", "a c", "b d"),
        ("if a: x = 1\nelse: x = 2\ny = x", "a", "x y"),
        ("if a: x = 1\ny = x", "a x", "x y"),
        ("for i in xs: x = 1\ny = x", "xs x", "i x y"),
        ("try:\n  x = f()\nexcept E as e:\n  print(e)\n  x = 0\ny = x", "f E print", "x y"),
        ("try:\n  x = f()\nfinally:\n  y = x", "f", "x y"),
        ("def f(a, b=c): return a + d", "c", "f"),
        ("@dec\ndef f(): pass", "dec", "f"),
        ("class A(B, metaclass=M):\n  x = y\n  def f(self): return z", "B M y", "A"),
        ("f = lambda a, b=c: a + d", "c d", "f"),
        ("ys = [x + k for x in xs if x > t]", "k xs t", "ys"),
        ("ys = [x for x in x]", "x", "ys"),
        ("ys = {k: v for k, v in xs.items() for v in ws}", "xs ws", "ys"),
        ("any((hit := x) for x in xs)", "any xs", "hit"),
        ("print(f'{a:{b}} {c!r}')", "print a b c", ""),
        ("async def f(): await g()", "", "f"),
        ("x = await y", "y", "x"),
        ("async for i in xs: pass", "xs", "i"),
        ("match p:\n  case [a, *b]: x = a\n  case {'k': c, **d}: x = c\n  case _: pass",
         "p", "a b c d x"),
        ("global x\nx = 1", "", "x"),
        ("assert a, b", "a b", ""),
        ("raise E(a) from b", "E a b", ""),
        ("x[i] = y", "x i y", ""),
        ("x.a = y", "x y", ""),
        ("y = df[['a']].query('a > @k and b < @n')", "df k n", "y"),
        ("y = df.query(f'a > @k + {n}')", "df k n", "y"),
        ("y = df.query(expr='a > @k', engine=e)", "df e k", "y"),
        ("ys = [df.query('a > @k + @x') for x in xs]", "df k xs", "ys"),
        ("y = find('a > @k')", "find", "y"),
        ("del x[i]", "x i", ""),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "", ""),
    ],
)  # fmt: skip
def test_loads_and_binds(source: str, loads: str, binds: str) -> None:
    names = analyse(source)
    assert (names.loads, names.binds) == (words(loads), words(binds))
    assert names.opaque is None
    assert names.loads <= names.uses


def test_uses_are_what_the_cell_bound_too() -> None:
    names = analyse("x = 1\ny = x + z")
    assert (names.uses, names.loads) == ({"x", "z"}, {"z"})


@pytest.mark.parametrize(
    ("source", "literals"),
    [
        ("lr = 0.1", {"lr": 0.1}),
        ("lr = -1e-3; n: int = 3", {"lr": -1e-3, "n": 3}),
        ("a, b = 1, 'x'", {"a": 1, "b": "x"}),
        ("a = b = None", {"a": None, "b": None}),
        ("cfg = {'lr': 0.1, 'n': [1, 2]}", {"cfg": {"lr": 0.1, "n": [1, 2]}}),
        ("lr = 0.1; lr = 0.2", {"lr": 0.2}),
        ("lr = f(); lr = 0.2", {}),
        ("lr = 0.2; lr = f()", {}),
        ("lr = 0.1 * 2", {}),
        ("if a: lr = 0.1", {}),
        ("for i in xs: lr = 0.1", {}),
        ("for lr in (0.1, 0.2): pass", {}),
        ("def f(): lr = 0.1", {}),
        ("n = 1; n += 1", {}),
        ("cfg = {}; cfg['lr'] = 1", {}),
        ("xs = []; xs.append(1); y = x", {}),
        ("(lr := 0.1)", {"lr": 0.1}),
        ("x.lr = 0.1", {}),
    ],
)
def test_literals(source: str, literals: dict[str, object]) -> None:
    assert analyse(source).literals == literals


@pytest.mark.parametrize(
    ("source", "computed"),
    [
        ("acc = m.score(X)", "acc"),
        ("best_acc = 0.0", ""),
        ("loss = 0.0; loss += x", "loss"),
        ("acc, f1 = 0.5, f(x)", "f1"),
        ("acc, f1 = f(x)", "acc f1"),
        ("if a: loss = f()", "loss"),
    ],
)
def test_computed(source: str, computed: str) -> None:
    assert analyse(source).computed == words(computed)


@pytest.mark.parametrize(
    ("source", "mutates"),
    [
        ("xs[0] = 1", "xs"),
        ("df['a'] = df.b", "df"),
        ("m.a.b = 1", "m"),
        ("xs[i].a = 1", "xs"),
        ("xs[0] += 1", "xs"),
        ("del xs[0]", "xs"),
        ("xs.append(1)\npass", "xs"),
        ("m.layers[0].reset()\npass", "m"),
        ("for x in xs: ys.append(x)", "ys"),
        ("a[0], b.c = 1, 2", "a b"),
        ("ys = xs.copy()", ""),
        ("f(xs)", ""),
        ("await q.put(1)\npass", "q"),
    ],
)
def test_mutations(source: str, mutates: str) -> None:
    assert analyse(source).mutates == words(mutates)


def test_a_last_expression_shows_what_it_did_by_what_it_returned() -> None:
    names = analyse("x = 1\ndf.head()")
    assert (names.mutates, names.last_root) == (set(), "df")
    assert isinstance(names.last_call, ast.Call)
    assert analyse("df.head();x = 1").last_call is None
    assert analyse("x").last_call is None
    assert analyse("f(x)").last_root is None


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("def f(x): return x + lr", "lr"),
        ("def f(lr): return lr", ""),
        ("def f():\n  y = 1\n  return y + z", "z"),
        ("def f():\n  def g(a): return a + b\n  return g(c)", "b c"),
        ("def f():\n  global n\n  n = n + 1", "n"),
        ("def f(): return [a + k for a in xs]", "k xs"),
        ("def f(xs):\n  ys = [m for m in xs]\n  return m.predict(ys)", "m"),
        ("def f():\n  import np\n  return np.array(x)", "x"),
        ("def f():\n  try: g()\n  except E as e: return e", "g E"),
        ("def f(n): return f(n - 1)", "f"),
        ("def f(df, k): return df.query('a > @k + @n')", "n"),
        ("class f:\n  lr = base\n  def fit(self): return other", "other"),
        ("def f(x, by=k): return x + lr", "lr"),
        ("@around\ndef f(x, *y, z=k, **w): return x + lr + len(y)", "around len lr"),
        ("class f:\n  by = lambda self: k\n  def g(self, h=one): return h", "k"),
        ("class f:\n  def score(self): return score(self)", "score"),
        ("class f(A):\n  x = 1\n  def g(self): return self.x", "A"),
    ],
)
def test_functions_tell_what_globals_they_read(source: str, free: str) -> None:
    assert analyse(source).functions == {"f": words(free)}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("from numpy import *", r"import \*"),
        ("exec('x = 1')", r"exec\(\)"),
        ("y = eval('x')", r"eval\(\)"),
        ("globals()['x'] = 1", r"globals\(\)"),
        ("y = 'x' in dir()", r"dir\(\)"),
        ("get_ipython().run_line_magic('run', 'other.py')", "%run"),
        ("get_ipython().run_cell_magic('sql', '', 'select 1')", "%sql"),
        ("this is no python", "not valid Python"),
        ("x = (", "not valid Python"),
        ("x = '\0'", "not valid Python"),
        ("(" * 10_000 + ")" * 10_000, "not valid Python"),
    ],
    ids=range(11),
)
def test_an_opaque_cell_says_why(source: str, reason: str) -> None:
    import re

    assert re.search(reason, analyse(source).opaque or "")


@pytest.mark.parametrize("magic", ["time", "capture", "prun", "timeit", "track"])
def test_the_bodies_of_magics_are_python(magic: str) -> None:
    for body in ("lr = 0.1\ny = lr * x\n", "%%time\n\n%%track big\nlr = 0.1\ny = lr * x\n"):
        names = analyse(f"get_ipython().run_cell_magic({magic!r}, '', {body!r})")
        assert (names.loads, names.binds, names.literals) == ({"x"}, {"lr", "y"}, {"lr": 0.1})
        assert names.opaque is None


def test_capture_binds_the_name_that_it_is_given() -> None:
    names = analyse("get_ipython().run_cell_magic('capture', 'out --no-stderr', 'x = 1\\n')")
    assert names.binds == {"out", "x"}


def test_predictions_know_their_data() -> None:
    names = analyse("p = m.predict(X_test); q = m.predict_proba(X_val)[:, 1]; r = f(X)")
    assert names.predictions == {"p": "X_test", "q": "X_val"}


def test_the_users_warnings_are_shown_once_by_python_and_not_by_us() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert analyse(r"pattern = '\d once'").binds == {"pattern"}
        assert analyse("once = (1) is 2").binds == {"once"}
    assert caught == []


TOKENS = (
    "a b c = == + ( ) [ ] { } : , . 1 'x' \n \n for in if else def class lambda import from as "
    "with try except del := * ** await async return global match case _ @ += f'{a}'"
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(TOKENS.split(" ")), max_size=12).map(" ".join))
def test_any_text_is_analysed(source: str) -> None:
    names = analyse(source)
    assert names.opaque or not isinstance(ast.parse(source), ast.Expression)
    assert names.loads <= names.uses


SIMPLE = st.sampled_from(
    [
        "a = {0}",
        "b = {0}",
        "{0} += 1",
        "a = [{0} for i in {1}]",
        "def a(): return {0}",
        "a, b = {0}, {1}",
        "for c in {0}: b = {1}",
        "if {0}: a = {1}",
        "with {0} as c: pass",
        "a = lambda b: {0}",
        "class c: a = {0}; b = a",
        "print({0})",
    ]
)
NAME = st.sampled_from(["a", "b", "c", "d"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(str.format, SIMPLE, NAME, NAME), min_size=1, max_size=6))
def test_what_a_cell_needs_is_among_its_loads(lines: list[str]) -> None:
    """Run the cell with all names but one: if that is a NameError, the one must be a load."""

    class Anything(int):
        """Behaves as a number, an iterable and a context."""

        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter([self, self])

        def __enter__(self) -> Anything:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    source = "\n".join(lines)
    names = analyse(source)
    for missing in "abcd":
        namespace = {name: Anything(1) for name in "abcd" if name != missing}
        try:
            exec(source, {"print": lambda *_: None, **namespace})
        except NameError as error:
            if error.name == missing:
                assert missing in names.loads, source
        except TypeError:
            pass
