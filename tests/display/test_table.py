"""Rows, columns and their HTML."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbtrail.display import html
from nbtrail.display.table import run_table, table_text
from nbtrail.entities import Dataset, Endpoint, Experiment, ModelVersion, PagedList, Record
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


def test_what_the_machine_measures_is_no_column(make_run: Any, store: Store) -> None:
    make_run(acc=[1.0], **{"system/cpu": [5.0]})
    titles = [column.title for column in run_table(store.runs.search()[0]).columns]
    assert titles == ["Run", "Status", "Started", "acc"]


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
        html.record_html(Dataset(hostile, "1", "local", hostile)),
        html.list_html([Dataset(hostile, "1", "local", hostile)]),
        html.list_html([run]),
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


def records(of: type[Any]) -> Iterator[type[Any]]:
    for one in of.__subclasses__():
        yield one
        yield from records(one)


def test_every_record_of_the_vocabulary_has_a_look(shell: InteractiveShell) -> None:
    html.register(shell)
    look = shell.display_formatter.formatters["text/html"].lookup_by_type
    kinds = [one for one in records(Record) if one.__module__.startswith("nbtrail.entities")]
    assert len(kinds) > 25
    assert all(look(kind) for kind in kinds)


def test_a_record_shows_the_fields_that_have_something(make_run: Any, store: Store) -> None:
    shown = html.record_html(Dataset("wine", "abc", "local", "x" * 1000))
    assert "<caption>Dataset</caption>" in shown
    assert "<th>digest</th><td>abc</td>" in shown
    assert "x… (1000 characters)" in shown
    assert "schema" not in shown
    make_run()
    created = html.list_html(store.experiments.list())
    assert "<th>creation_time</th>" in created
    assert "<td>20" in created  # a time, not milliseconds


def test_a_page_of_results_is_one_table(make_run: Any, store: Store, shell: Any) -> None:
    make_run("one", acc=[0.5])
    html.register(shell)
    formatted, _ = shell.display_formatter.format(PagedList(store.runs.search()[0], None))
    assert "<td>one</td>" in formatted["text/html"]


def test_display_alone_teaches_ipython_how_records_look(workdir: Path) -> None:
    code = """
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        from nbtrail.entities import Dataset
        import nbtrail
        nbtrail.plot
        data, _ = shell.display_formatter.format(Dataset("wine", "1", "local", "here"))
        assert "<td>wine</td>" in data["text/html"]
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_formatters_come_and_go(shell: InteractiveShell) -> None:
    html.register(shell)
    formatted, _ = shell.display_formatter.format(endpoint("wine"))
    assert formatted["text/html"] == html.endpoint_html(endpoint("wine"))
    html.unregister(shell)
    formatted, _ = shell.display_formatter.format(endpoint("wine"))
    assert "text/html" not in formatted
