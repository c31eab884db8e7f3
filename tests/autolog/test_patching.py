"""Patching: quiet, removable, and not there until the framework is."""

from __future__ import annotations

import importlib
import pickle
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nbtrail
from nbtrail.autolog.imports import forget, when_imported
from nbtrail.autolog.patching import ORIGINAL, Hook, is_wrapper, unwrap_all, wrap, wrap_everywhere
from store import scripts

TRACEBACK = """
    {autolog}
    from sklearn.base import BaseEstimator
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    import traceback

    class Broken(BaseEstimator):
        def fit(self, X, y):
            return self.inner(X)
        def inner(self, X):
            raise ValueError("mine")
        def predict(self, X):
            return X

    class Outer(Broken):
        def fit(self, X, y):
            try:
                return super().fit(X, y)
            except ValueError as error:
                raise RuntimeError("outer") from error

    for model in (Broken(), Outer(), Ridge(), make_pipeline(Broken())):
        try:
            model.fit([[1.0], [2.0]], [[[1]]])
        except Exception as error:
            while error is not None:
                frames = traceback.extract_tb(error.__traceback__)
                print(repr(error), [(frame.filename, frame.name, frame.lineno) for frame in frames])
                error = error.__cause__ or error.__context__
"""


def test_a_traceback_is_as_without_nbtrail() -> None:
    plain = scripts.run(TRACEBACK.format(autolog=""))
    recorded = scripts.run(TRACEBACK.format(autolog="import nbtrail; nbtrail.autolog()"))
    assert recorded.stdout.count("Error(") == 5
    assert recorded.stdout.replace("autolog() ", "") == plain.stdout
    assert recorded.stderr == plain.stderr == ""


def test_nothing_is_imported_for_it_and_all_is_patched_once_it_is() -> None:
    done = scripts.run(
        """
        import sys
        import nbtrail
        finders = list(sys.meta_path)
        nbtrail.autolog()
        nbtrail.autolog()
        heavy = {"sklearn", "numpy", "pandas", "scipy"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        from sklearn.linear_model import Ridge
        import sklearn.base
        # Others may add finders meanwhile (six does, for pandas); ours waits for the others.
        (ours,) = (one for one in sys.meta_path if "nbtrail" in type(one).__module__)
        assert not {"sklearn.base", "sklearn.metrics"} & set(ours.awaited)
        nbtrail.autolog(disable=True)
        assert [finder for finder in sys.meta_path if "six" not in repr(finder)] == finders
        nbtrail.autolog()
        assert "nbtrail" not in type(sklearn.base.__loader__).__module__
        assert "nbtrail" not in type(sklearn.base.__spec__.loader).__module__
        Ridge().fit([[1.0], [2.0]], [1.0, 2.0])
        print(nbtrail.active_run().data.params["alpha"])
        """
    )
    assert done.stdout == "1.0\n"


def test_autolog_that_was_turned_off_again_patches_nothing() -> None:
    scripts.run(
        """
        import nbtrail
        nbtrail.autolog()
        nbtrail.autolog(disable=True)
        from sklearn.linear_model import Ridge
        assert not hasattr(Ridge.fit, "__nbtrail_original__")
        Ridge().fit([[1.0], [2.0]], [1.0, 2.0])
        assert nbtrail.active_run() is None
        """
    )
    assert not Path(".nbtrail").exists()


def test_turning_it_off_restores_the_original_functions() -> None:
    import sklearn.base
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import Pipeline

    before = {cls: cls.__dict__["fit"] for cls in (Ridge, Pipeline)}
    hook = sklearn.base.BaseEstimator.__dict__.get("__init_subclass__")
    for _ in range(2):
        nbtrail.autolog()
        nbtrail.autolog()
        assert all(cls.__dict__["fit"] is not fit for cls, fit in before.items())

        class Born(sklearn.base.BaseEstimator):  # type: ignore[misc]
            def fit(self) -> None:
                pass

        assert hasattr(Born.fit, ORIGINAL)
        nbtrail.autolog(disable=True)
        assert {cls: cls.__dict__["fit"] for cls in before} == before
        assert sklearn.base.BaseEstimator.__dict__.get("__init_subclass__") is hook
        assert not hasattr(Born.fit, ORIGINAL)


def test_a_fit_looks_as_before() -> None:
    import inspect

    from sklearn.linear_model import Ridge

    signature, doc = inspect.signature(Ridge.fit), Ridge.fit.__doc__
    nbtrail.autolog()
    assert (inspect.signature(Ridge.fit), Ridge.fit.__doc__) == (signature, doc)
    assert Ridge.fit.__qualname__ == "Ridge.fit"
    nbtrail.autolog(disable=True)


def test_other_init_subclass_hooks_still_work() -> None:
    from sklearn.base import BaseEstimator

    nbtrail.autolog()

    class Registered(BaseEstimator):  # type: ignore[misc]
        names: list[str] = []

        def __init_subclass__(cls, tag: str, **rest: object) -> None:
            super().__init_subclass__(**rest)
            cls.names.append(tag)

    class Child(Registered, tag="child"):
        def fit(self) -> None:
            pass

    nbtrail.autolog(disable=True)
    assert Registered.names == ["child"]
    assert not hasattr(Child.fit, ORIGINAL)


def test_a_model_pickled_by_value_loads_without_nbtrail(workdir: Path) -> None:
    scripts.run(
        """
        import nbtrail, cloudpickle
        nbtrail.autolog()
        from sklearn.base import BaseEstimator
        class Mine(BaseEstimator):
            def fit(self, X, y=None):
                self.mean = sum(X) / len(X)
                return self
        with open("model.pkl", "wb") as file:
            cloudpickle.dump(Mine(), file)
        """
    )
    scripts.run(
        """
        import pickle, sys
        sys.modules["nbtrail"] = None  # as where it is not installed
        with open("model.pkl", "rb") as file:
            model = pickle.load(file)
        assert model.fit([1.0, 3.0]).mean == 2.0
        """
    )


class Owner:
    """Something to patch."""

    calls: list[object]

    def work(self, value: int) -> int:
        return value * 2

    worker = property(work)


@pytest.fixture
def framework() -> Iterator[str]:
    yield "mine"
    unwrap_all("mine")


def test_only_plain_functions_are_wrapped_and_only_once(framework: str) -> None:
    calls: list[object] = []

    def after(result: int, owner: Owner, *args: object, **kwargs: object) -> None:
        calls.append((result, args, kwargs))

    original = Owner.__dict__["work"]
    for name in ("work", "work", "worker", "missing"):
        wrap(framework, Owner, name, Hook(after=after))
    assert Owner().work(2) == 4
    assert Owner().work(value=3) == 6
    assert calls == [(4, (2,), {}), (6, (), {"value": 3})]
    assert isinstance(Owner.__dict__["worker"], property)
    unwrap_all(framework)
    assert Owner.__dict__["work"] is original


def test_what_comes_before_may_change_the_arguments(framework: str) -> None:
    def before(owner: Owner, value: int) -> tuple[tuple[object, ...], dict[str, object]]:
        return (owner,), {"value": value + 1}

    wrap(framework, Owner, "work", Hook(before))
    assert Owner().work(2) == 6


@pytest.mark.parametrize("at", ["before", "after"])
def test_what_is_done_around_a_call_can_raise_nothing_into_it(framework: str, at: str) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("ours")

    wrap(framework, Owner, "work", Hook(**{at: broken}))
    assert Owner().work(2) == 4


def test_a_method_under_a_condition_stays_under_it(framework: str) -> None:
    from sklearn.utils.metaestimators import available_if

    class Conditional:
        able = True

        @available_if(lambda self: self.able)
        def work(self) -> int:
            """Work if able."""
            return 7

    calls: list[int] = []
    held = vars(Conditional)["work"]
    wrap(framework, Conditional, "work", Hook(after=lambda result, _: calls.append(result)))
    one = Conditional()
    assert one.work() == 7
    assert calls == [7]
    assert Conditional.work.__doc__ == "Work if able."
    one.able = False
    assert not hasattr(one, "work")
    unwrap_all(framework)
    assert vars(Conditional)["work"] is held


def test_who_copies_the_attributes_of_a_wrapper_is_none(framework: str) -> None:
    import functools

    wrap(framework, Owner, "work")

    class Child(Owner):
        @functools.wraps(Owner.work)
        def work(self, value: int) -> int:
            return super().work(value) + 1

    mine = vars(Child)["work"]
    assert hasattr(mine, ORIGINAL)
    assert not is_wrapper(mine)
    wrap(framework, Child, "work")
    assert is_wrapper(vars(Child)["work"])
    unwrap_all(framework)
    assert vars(Child)["work"] is mine


def test_a_wrapped_function_of_a_module_is_still_pickled_by_its_name(framework: str) -> None:
    from sklearn import metrics

    original = metrics.accuracy_score
    wrap_everywhere(framework, metrics, "accuracy_score")
    assert metrics.accuracy_score is not original
    assert pickle.loads(pickle.dumps(metrics.accuracy_score)) is metrics.accuracy_score
    unwrap_all(framework)
    assert metrics.accuracy_score is original
    assert pickle.loads(pickle.dumps(original)) is original


def test_calls_of_threads_that_do_not_know_each_other_are_told_apart(framework: str) -> None:
    """A thread that was there before a call has its own; one that a call starts belongs to it."""
    done: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    class Worker:
        def work(self, name: str) -> None:
            if name == "waits":
                begun.set()
                go_on.wait()
            elif name == "starts":
                inner = threading.Thread(target=Worker().work, args=("inner",))
                inner.start()
                inner.join()

    wrap(framework, Worker, "work", Hook(after=lambda _, __, name: done.append(name)))
    waiting = threading.Thread(target=Worker().work, args=("waits",))
    waiting.start()
    begun.wait()
    Worker().work("starts")
    Worker().work("alone")
    go_on.set()
    waiting.join()
    assert done == ["starts", "alone", "waits"]


def test_a_module_is_waited_for(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workdir / "awaited.py").write_text("value = 1\n")
    (workdir / "failing.py").write_text("raise RuntimeError('theirs')\n")
    monkeypatch.syspath_prepend(workdir)
    seen: list[int] = []
    finders = list(sys.meta_path)
    when_imported("awaited", lambda module: seen.append(module.value))
    when_imported("failing", lambda module: seen.append(0))
    when_imported("nowhere_at_all", lambda module: seen.append(0))
    import awaited  # type: ignore[import-not-found]

    assert seen == [1]
    when_imported("awaited", lambda module: seen.append(module.value + 1))
    assert seen == [1, 2]
    with pytest.raises(RuntimeError, match="theirs"):
        import failing  # type: ignore[import-not-found]  # noqa: F401
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all"):
        importlib.import_module("nowhere_at_all")
    (workdir / "nowhere_at_all.py").write_text("")  # as `%pip install` does after a failure
    importlib.invalidate_caches()
    importlib.import_module("nowhere_at_all")
    assert seen == [1, 2, 0]
    forget("failing")
    assert sys.meta_path == finders
    assert awaited.__loader__ is awaited.__spec__.loader
    del sys.modules["awaited"]
