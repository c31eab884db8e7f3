"""Runs registered after the fact, and histories read back."""

from __future__ import annotations

import json

import pytest

import nbtrail
from nbtrail.errors import InvalidValue

DOCUMENT = {
    "run_id": "elsewhere1",
    "name": "elsewhere",
    "params": {"lr": 0.1},
    "metrics": {"loss": [3, 2, 1]},
    "tags": {"a": "b"},
}


@pytest.mark.parametrize(
    "document", [DOCUMENT, json.dumps(DOCUMENT), json.dumps(DOCUMENT).encode()]
)
def test_a_run_is_registered(document: dict[str, object] | str | bytes) -> None:
    run = nbtrail.register_run(document)
    assert nbtrail.register_run(document).info.run_id == run.info.run_id == "elsewhere1"
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"loss": 1.0})
    assert nbtrail.active_run() is None
    assert len(nbtrail.search_runs()) == 1


def test_a_document_with_a_mistake_is_told() -> None:
    for document in ({"params": 3}, {"parms": {}}, "{"):
        with pytest.raises(InvalidValue):
            nbtrail.register_run(document)
