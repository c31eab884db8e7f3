"""Runs registered after the fact, and histories read back."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_a_run_may_be_given_by_fields_or_by_a_file(workdir: Path) -> None:
    run = nbtrail.register_run(experiment="wine", params={"a": 1}, metrics={"acc": 0.5})
    assert (run.data.params, run.data.metrics) == ({"a": "1"}, {"acc": 0.5})
    (workdir / "run.json").write_text('{"name": "filed"}')
    for given in ("run.json", workdir / "run.json"):
        assert nbtrail.register_run(given).info.run_name == "filed"
    with pytest.raises(FileNotFoundError, match=r"no file 'none\.json'"):
        nbtrail.register_run("none.json")
    with pytest.raises(InvalidValue, match="not both"):
        nbtrail.register_run('{"name": "x"}', params={"a": 1})


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"status": "DONE"}, "write FINISHED, FAILED or KILLED"),
        ({"metrics": {"a": "x"}}, r"metrics\['a'\]`: write a number, or 'NaN'"),
        ({"start_time": "2026-01-01"}, "write such as '2026-01-31T12:00:00Z'"),
        ('{"metrics": {"a": NaN}}', 'Write such numbers as texts: "NaN"'),
        ('{"metrics": {"a": [1, -Infinity]}}', "as texts"),
        ('{"name": "NaN"', r"truncated\.$"),
    ],
)
def test_a_mistake_is_told_with_what_is_right(document: dict[str, object] | str, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        nbtrail.register_run(document)
