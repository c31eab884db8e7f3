"""A digest is of content: the same for copies, another for any change of values, order or type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import nbtrail
from nbtrail.data.digest import Digest, digest_of
from nbtrail.errors import InvalidValue
from store import scripts

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def digest(array: np.ndarray[Any, Any]) -> str:
    found = Digest("array")
    found.array(array)
    return str(found)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_has_a_digest_that_others_do_not_have(value: object) -> None:
    assert digest_of(value) == digest_of(value)
    assert digest_of(value) != digest_of([value])
    assert digest_of([value, 1]) != digest_of([1, value]) or value == 1


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(st.sampled_from(["f4", "i8", "?", "U3", "M8[s]", "c8"]), (3, 2)))
def test_layout_in_memory_does_not_matter(array: np.ndarray[Any, Any]) -> None:
    assert digest(array) == digest(np.asfortranarray(array)) == digest(array[::1].copy())
    assert digest(array) != digest(array.T)
    assert digest(array) != digest(array.ravel())


def test_what_looks_alike_is_told_apart() -> None:
    alike = [1, 1.0, True, "1", b"1", [1], {"1": None}, {1}, np.float32(1), np.int8(1), Decimal(1)]
    alike += [None, "", "None", [], {}, set(), [[]], ["", ""], float("nan"), 0.0, -0.0]
    alike += [["ab", "c"], ["a", "bc"], dt.date(2026, 1, 1), dt.datetime(2026, 1, 1)]
    assert len({digest_of(value) for value in alike}) == len(alike)


def test_every_nan_is_the_same() -> None:
    positive, negative = np.array([np.nan, 1.0]), np.array([-np.nan, 1.0])
    assert positive.tobytes() != negative.tobytes()
    assert digest(positive) == digest(negative)
    assert digest_of(float("nan")) == digest_of(-float("nan"))


def test_large_arrays_are_read_whole() -> None:
    array = np.zeros((3000, 1000))  # 24 MB: more than one block
    before = digest(array)
    array[-1, -1] = 1
    assert digest(array) != before
    assert digest(array) == digest(np.asfortranarray(array))


def test_sets_have_one_digest_in_every_process() -> None:
    code = "from nbtrail.data.digest import digest_of; print(digest_of({'a', 'b', 'c', 'd'}))"
    printed = {scripts.run(code, PYTHONHASHSEED=seed).stdout for seed in "123"}
    assert printed == {digest_of(set("abcd")) + "\n"}


def test_what_cannot_be_hashed_is_told() -> None:
    nested: list[Any] = []
    nested.append(nested)
    with pytest.raises(InvalidValue, match="nested too deeply to hash: give digest="):
        digest_of(nested)
    with pytest.raises(InvalidValue, match=r"type generator cannot be hashed .*: give digest="):
        digest_of(i for i in range(3))


@pytest.mark.parametrize("given_digest", ["", "x" * 37, 5])
def test_a_given_digest_must_fit(given_digest: Any) -> None:
    with pytest.raises(InvalidValue, match="1 to 36 characters"):
        nbtrail.data.from_numpy(np.zeros(1), digest=given_digest)
