"""Context documents: one a kind, equal ones kept once."""

from __future__ import annotations

import math
from typing import Any

import pytest

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store
from nbtrail.store.contexts import DOCUMENT_LIMIT, Context, Document


def count(store: Store, table: str) -> int:
    with store._database.read() as connection:
        found: int = connection.execute(f"select count(*) from {table}").fetchone()[0]
    return found


def context(tags: dict[str, str] | None = None, **documents: Any) -> Context:
    return Context.of({kind: Document.of(one) for kind, one in documents.items()}, tags)


def test_documents_come_back_by_kind(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    assert store.contexts.get(run_id) == {}
    store.contexts.put(run_id, context(git={"commit": "é", "n": 1}, system={"host": "h"}))
    store.contexts.put(run_id, context(plugin={}, git={"commit": None}))
    expected = {"git": {"commit": None}, "plugin": {}, "system": {"host": "h"}}
    assert store.contexts.get(run_id) == expected
    store.contexts.put(run_id, context())
    assert store.contexts.get(run_id) == expected


def test_equal_documents_are_kept_once(store: Store) -> None:
    versions = {"a": "1.0", "b": "1.0"}
    for order in (("a", "b"), ("b", "a")):
        run_id = store.runs.create("0").info.run_id
        for kind in order:
            store.contexts.put(run_id, context(**{kind: dict.fromkeys(order, "1.0")}))
        assert store.contexts.get(run_id) == dict.fromkeys("ab", versions)
    assert count(store, "blob") == 1
    assert count(store, "context") == 3  # a, b, and both
    assert store.gc.sweep(2**53).blobs == 0
    assert count(store, "context") == 1
    assert store.contexts.get(run_id) == dict.fromkeys("ab", versions)


def test_tags_of_the_run_stay(store: Store) -> None:
    run_id = store.runs.create("0", tags={"mine": "1"}).info.run_id
    store.contexts.put(run_id, context({"mine": "2", "theirs": "3"}))
    tags = store.runs.get(run_id).data.tags
    assert (tags["mine"], tags["theirs"]) == ("1", "3")


def test_mistakes_are_told(store: Store) -> None:
    with pytest.raises(InvalidValue, match="value of tag 'b' has 8001 characters"):
        context({"a": "1", "b": "x" * 8001})
    with pytest.raises(InvalidValue, match="context name"):
        context(**{"../x": {}})
    with pytest.raises(NotFound, match="no run 'x'"):
        store.contexts.put("x", context())
    with pytest.raises(NotFound, match="no run 'x'"):
        store.contexts.get("x")


@pytest.mark.parametrize("odd", [{"x": object()}, {"x": "\udcff"}, {1j: "x"}])
def test_what_is_not_json_is_told(odd: dict[Any, Any]) -> None:
    with pytest.raises(InvalidValue, match="must be JSON"):
        Document.of(odd)


def test_a_document_has_a_limit() -> None:
    with pytest.raises(InvalidValue, match=f"{DOCUMENT_LIMIT} are allowed"):
        Document.of({"x": "x" * DOCUMENT_LIMIT})
    assert Document.of({"x": math.nan}).content == b'{"x":null}'
