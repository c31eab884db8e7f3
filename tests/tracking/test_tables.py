"""Tables as artifacts: values as they were given, files that are gone, uploads that take long."""

from __future__ import annotations

import math
import threading
from typing import Any

import pandas as pd
import pytest

import nbtrail
from nbtrail.errors import InvalidValue
from nbtrail.tracking import current_store, tables


@pytest.mark.parametrize(
    "column",
    [
        [1e-12, 0.12345678901234567, 1e300],
        [math.inf, -math.inf, 0.1],
        [2**53 + 1, -(2**63)],
        ["01234", "2026-01-01", ""],
        [True, False],
        [[1, 2.5], {"a": None}],
    ],
    ids=str,
)
def test_values_come_back_as_they_were_given(column: list[Any]) -> None:
    with nbtrail.start_run():
        nbtrail.log_table({"a": column}, "t.json")
        nbtrail.log_table({"a": column}, "t.json")
    assert nbtrail.load_table("t.json")["a"].tolist() == column * 2


def test_integers_stay_integers_beside_other_columns() -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_table({"a": [2**53 + 1]}, "t.json")
        nbtrail.log_table({"b": [1.5]}, "t.json")
    data = run.artifacts.read("t.json")
    assert tables.table_files.read(data, "t.json", as_written=True).to_dict("list") == {
        "a": [2**53 + 1, None],
        "b": [None, 1.5],
    }


@pytest.mark.parametrize("file", ["t.json", "t.parquet"])
def test_columns_are_named_by_texts(file: str) -> None:
    with nbtrail.start_run():
        for _ in range(2):
            nbtrail.log_table(pd.DataFrame({1: [1.5]}), file)
    assert nbtrail.load_table(file).to_dict("list") == {"1": [1.5, 1.5]}


@pytest.mark.parametrize(
    ("frame", "file", "message"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "t.json", "several columns 'a'"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), "t.json", "several columns '1'"),
        (pd.DataFrame({("a", "b"): [1]}), "t.json", "columns of several levels"),
        (pd.DataFrame({"a": [1j]}), "t.parquet", "cannot be kept as Parquet"),
        (pd.DataFrame({"a": [1, "b"]}), "t.parquet", "log it as .json"),
        (pd.DataFrame({"a": [2**70]}), "t.parquet", "log it as .json"),
    ],
)
def test_what_a_file_cannot_hold_is_told(frame: pd.DataFrame, file: str, message: str) -> None:
    with nbtrail.start_run(), pytest.raises(InvalidValue, match=message):
        nbtrail.log_table(frame, file)


def test_a_table_whose_file_is_gone_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    with nbtrail.start_run():
        nbtrail.log_table({"a": [1]}, "t.json")
    with nbtrail.start_run() as run:
        nbtrail.log_table({"a": [2]}, "t.json")
        run.artifacts.delete("t.json")
        assert nbtrail.load_table("t.json")["a"].tolist() == [1]
        nbtrail.log_table({"a": [3]}, "t.json")
        nbtrail.log_table({"a": [4]}, "t.json")
    assert sorted(nbtrail.load_table("t.json")["a"]) == [1, 3, 4]
    assert [record.message for record in caplog.records] == [
        f"The table 't.json' of the run {run.name} is left out: it is gone."
    ]


def test_the_store_is_free_while_a_table_is_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    uploading, go_on = threading.Event(), threading.Event()
    real = tables.table_files.write

    def slow(frame: pd.DataFrame, file: str) -> bytes:
        uploading.set()
        assert go_on.wait(10)
        return real(frame, file)

    with nbtrail.start_run():
        monkeypatch.setattr(tables.table_files, "write", slow)
        logging = threading.Thread(target=nbtrail.log_table, args=({"a": [1]}, "t.json"))
        logging.start()
        assert uploading.wait(10)
        with current_store()._database.write(patient=False) as connection:
            connection.execute("select 1")
        go_on.set()
        logging.join()
    assert nbtrail.load_table("t.json")["a"].tolist() == [1]
