"""Which execution bound what another one read, over whole sessions of cells."""

from __future__ import annotations

from collections.abc import Iterable

from nbtrail.trail.lineage import Lineage, Step, aliases
from nbtrail.trail.names import analyse


class Session:
    """A notebook without a kernel: each cell is analysed, and its names are kept by hand."""

    def __init__(self, *outside: str) -> None:
        self.lineage = Lineage()
        self.known = set(outside)

    def run(
        self, cell: str, source: str, *, mutated: Iterable[str] = (), fails: bool = False
    ) -> Step:
        names = analyse(source)
        step = self.lineage.begin(cell, names, self.known)
        step.succeeded = not fails
        changed = set() if fails else names.binds
        self.lineage.end(step, set(changed), names.mutates | set(mutated), set())
        self.known |= changed
        return step


def test_a_read_is_of_the_execution_that_last_bound_the_name() -> None:
    book = Session()
    book.run("a", "lr = 0.1")
    assert book.run("b", "x = lr").reads == {"lr": 0}
    book.run("a", "lr = 0.2")
    assert book.run("b", "x = lr").reads == {"lr": 2}
    assert book.run("c", "print(x)").reads == {"x": 3}


def test_names_from_outside_and_builtins() -> None:
    book = Session("shell")
    assert book.run("a", "print(shell, nowhere)").reads == {"shell": None}


def test_what_a_cell_binds_itself_is_no_read() -> None:
    book = Session()
    book.run("a", "x = 1")
    assert book.run("b", "x = 2; y = x").reads == {}
    assert book.run("c", "x = x + 1").reads == {"x": 1}
    assert book.run("d", "y = x").reads == {"x": 2}


def test_a_function_reads_its_globals_when_it_is_used() -> None:
    book = Session()
    book.run("a", "lr = 0.1")
    assert book.run("f", "def fit(X): return step(X) * lr").reads == {}
    book.run("g", "def step(X): return X + bias")
    book.run("b", "bias = 1")
    book.run("a", "lr = 0.2")
    assert book.run("c", "acc = fit(3)").reads == {"fit": 1, "step": 2, "bias": 3, "lr": 4}


def test_a_class_reads_at_once_and_its_methods_later() -> None:
    book = Session()
    book.run("a", "base = 1; late = 1")
    definition = "class Net:\n  size = base\n  def fit(self): return late"
    assert book.run("b", definition).reads == {"base": 0}
    book.run("a", "base = 2; late = 2")
    assert book.run("c", "Net().fit()").reads["late"] == 2


def test_a_function_that_is_redefined_reads_other_globals() -> None:
    book = Session()
    book.run("a", "x = 1; y = 2")
    book.run("f", "def f(): return x")
    assert book.run("c", "f()").reads == {"f": 1, "x": 0}
    book.run("f", "def f(): return y")
    assert book.run("c", "f()").reads == {"f": 3, "y": 0}
    book.run("f", "f = print")
    assert book.run("c", "f()").reads == {"f": 5}


def test_recursive_functions_come_to_an_end() -> None:
    book = Session()
    book.run("a", "def even(n): return odd(n - 1)\ndef odd(n): return even(n - 1)")
    assert book.run("b", "even(4)").reads == {"even": 0, "odd": 0}


def test_a_function_defined_and_used_in_one_cell() -> None:
    book = Session()
    book.run("a", "k = 1")
    assert book.run("b", "def f(): return k\ny = f()").reads == {"k": 0}


def test_a_mutation_is_a_binding_that_reads_the_old_one() -> None:
    book = Session()
    book.run("a", "xs = []")
    step = book.run("b", "xs.append(1)\npass")
    assert (step.reads, step.writes) == ({"xs": 0}, {"xs"})
    assert book.run("c", "y = xs").reads == {"xs": 1}


def test_a_mutation_through_an_alias_binds_all_names_of_the_object() -> None:
    book = Session()
    book.run("a", "df = load()")
    book.run("b", "view = df")
    ids = {"df": 1, "view": 1, "other": 2}
    step = book.run("c", "view['z'] = 1", mutated=aliases({"view"}, ids))
    assert step.writes == {"df", "view"}
    assert step.reads == {"view": 1, "df": 0}
    assert book.run("d", "fit(df)").reads == {"df": 2}


def test_aliases() -> None:
    assert aliases({"a"}, {"a": 1, "b": 1, "c": 2}) == {"a", "b"}
    assert aliases({"gone"}, {"a": 1}) == {"gone"}
    assert aliases(set(), {"a": 1, "b": 1}) == set()


def test_a_failed_cell_binds_only_what_changed() -> None:
    book = Session()
    book.run("a", "x = 1")
    book.run("b", "x = 1 / 0", fails=True)
    assert book.run("c", "y = x").reads == {"x": 0}


def test_importing_a_module_again_is_no_binding() -> None:
    book = Session()
    book.run("a", "import json")
    step = book.lineage.begin("b", analyse("import json\nx = 1"), book.known)
    step.succeeded = True
    book.lineage.end(step, {"x"}, set(), {"json"})
    assert step.writes == {"x"}
    assert book.run("c", "json.dumps(x)").reads == {"json": 0, "x": 1}


def test_a_module_that_is_imported_again_is_as_another_cell_has_set_it() -> None:
    book = Session()
    book.run("a", "import os, json\nos.environ['K'] = '3'")
    assert book.run("b", "import os, json\nk = os.environ['K'], json.dumps(1)").reads == {"os": 0}
    sets = analyse("import os\nos.environ['K'] = '4'")
    assert book.lineage.begin("c", sets, book.known).reads == {}


def test_a_slice_is_closed_over_reads() -> None:
    book = Session("shell")
    book.run("a", "n = 3")
    book.run("b", "m = n * 2")
    book.run("x", "unrelated = shell")
    book.run("a", "n = 4")
    book.run("c", "score = m / 10")
    assert book.lineage.slice([4]) == {0, 1, 4}
    assert book.lineage.slice([2, 3]) == {2, 3}
    assert book.lineage.slice([]) == set()


def test_a_slice_goes_through_mutations_and_functions() -> None:
    book = Session()
    book.run("a", "xs = []")
    book.run("b", "xs.append(h())\npass")
    book.run("b", "xs.append(h())\npass")
    book.run("f", "def total(): return sum(xs)")
    book.run("c", "score = total() / 9")
    assert book.lineage.slice([4]) == {0, 1, 2, 3, 4}


def test_what_is_read_of_each_execution() -> None:
    book = Session()
    book.run("a", "lr = 0.1; n = 3; unused = 1")
    book.run("b", "k = 2; x = k * n")
    book.run("c", "acc = x * lr")
    assert book.lineage.readers(book.lineage.slice([2])) == {
        0: {"lr", "n"}, 1: {"k", "x"}, 2: set(),
    }  # fmt: skip


def test_the_last_success_of_each_cell() -> None:
    book = Session()
    book.run("a", "x = 1")
    book.run("a", "x = 2")
    book.run("a", "x = 1 / 0", fails=True)
    book.run("b", "y", fails=True)
    book.run("b", "y y", fails=True)
    assert book.lineage.last_successes(range(5)) == [1, 4]
    assert book.lineage.last_successes([0, 3]) == [0, 3]
    assert book.lineage.last_successes([]) == []


def test_the_cell_that_bound_a_name() -> None:
    book = Session("shell")
    book.run("a", "lr = 0.1")
    names = book.lineage.binder_names("lr")
    assert names is not None
    assert names.literals == {"lr": 0.1}
    assert book.lineage.binder_names("shell") is None
