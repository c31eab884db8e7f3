"""The ids of many objects at once are those that `id` gives."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from nbtrail.recorder import identities
from nbtrail.recorder.identities import SIZE, differences, id_at, ids_of, places_of


@given(st.lists(st.one_of(st.integers(), st.none(), st.text(), st.floats()), max_size=300))
def test_ids_are_those_of_the_objects(objects: list[object]) -> None:
    ids = ids_of(dict(enumerate(objects)).values())
    assert ids == identities._one_by_one(objects)
    assert [id_at(ids, place) for place in range(len(objects))] == [id(one) for one in objects]


@given(
    st.lists(st.sampled_from([None, True, False]), max_size=200),
    st.lists(st.tuples(st.integers(0, 199), st.sampled_from([None, True, False])), max_size=5),
    st.integers(0, 5),
)
def test_differences_are_found(
    objects: list[object], changes: list[tuple[int, object]], more: int
) -> None:
    other = list(objects)
    for place, new in changes:
        other[place : place + 1] = [new] if place < len(other) else []
    found = list(differences(ids_of(objects), ids_of([*other, *range(more)])))
    pairs = enumerate(zip(objects, other, strict=True))
    assert found == [place for place, (one, new) in pairs if one is not new]


def test_objects_are_found_by_their_id() -> None:
    chosen = random.Random(1)
    known = [object() for _ in range(5)]
    objects = [chosen.choice(known) for _ in range(1000)]
    ids = ids_of(objects)
    assert len(ids) == 1000 * SIZE
    for one in known:
        wanted = [place for place, other in enumerate(objects) if other is one]
        assert list(places_of(ids, id(one))) == wanted
