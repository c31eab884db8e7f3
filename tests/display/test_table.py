"""Rows, columns and their HTML."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbtrail.display import html
from nbtrail.display.table import run_table, table_text
from nbtrail.entities import Endpoint, Experiment, ModelVersion
from nbtrail.store import Store


def test_the_commonest_metrics_come_first(make_run: Any, store: Store) -> None:
    make_run("one", acc=[0.5], params={"C": "0.1"})
    make_run("two", acc=[0.123456789], zeta=[1.0], params={"C": "big"})
    make_run("three", acc=[float("nan")], zeta=[2.0], alpha=[1.0])
    table = run_table(store.runs.search()[0])
    assert [column.title for column in table.columns] == [
        "Run",
        "Status",
        "Started",
        "acc",
        "zeta",
        "alpha",
        "C",
    ]
    by_name = {row.cells[0].text: row.cells for row in table.rows}
    assert (by_name["two"][3].text, by_name["two"][3].number) == ("0.12346", 0.123456789)
    assert (by_name["three"][3].text, by_name["three"][3].number) == ("nan", None)
    assert [by_name[name][6].number for name in ("one", "two", "three")] == [0.1, None, None]
    assert by_name["one"][5].text == ""


def test_wide_tables_are_cut(make_run: Any, store: Store) -> None:
    make_run(**{f"m{n:02}": [1.0] for n in range(30)})
    assert len(run_table(store.runs.search()[0]).columns) == 13


def test_a_terminal_gets_aligned_columns(make_run: Any, store: Store) -> None:
    make_run("a", acc=[0.5])
    make_run("longer", acc=[0.75])
    lines = table_text(run_table(store.runs.search()[0])).splitlines()
    assert len({line.index("FINISHED") for line in lines[1:]} | {lines[0].index("Status")}) == 1


def test_every_text_is_escaped(make_run: Any, store: Store, hostile: str) -> None:
    run_id = make_run(hostile, params={"p": hostile})
    run = store.runs.get(run_id)
    shown = [
        html.table_html(run_table([run])),
        html.run_html(run),
        html.experiment_html(Experiment("1", hostile, "", tags={hostile: hostile})),
        html.version_html(ModelVersion(hostile, "1", 0, 0, hostile, hostile)),
        html.endpoint_html(endpoint(hostile, error=hostile)),
    ]
    for text in shown:
        assert "<img" not in text
        assert "&lt;img" in text


def endpoint(name: str, error: str | None = None) -> Endpoint:
    return Endpoint(name, "models:/wine/1", "127.0.0.1", 5000, 9, "sesame", "ready", 1, error)


def test_an_endpoint_shows_its_address_and_not_its_token() -> None:
    shown = html.endpoint_html(endpoint("wine"))
    assert "http://127.0.0.1:5000/invocations" in shown
    assert "sesame" not in shown


@pytest.fixture
def shell() -> InteractiveShell:
    return InteractiveShell()


def test_formatters_come_and_go(shell: InteractiveShell) -> None:
    html.register(shell)
    formatted, _ = shell.display_formatter.format(endpoint("wine"))
    assert formatted["text/html"] == html.endpoint_html(endpoint("wine"))
    html.unregister(shell)
    formatted, _ = shell.display_formatter.format(endpoint("wine"))
    assert "text/html" not in formatted
