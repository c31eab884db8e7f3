"""What can be shown of a file, whatever its name says."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from nbtrail.artifacts import kinds
from nbtrail.artifacts.previews import LARGEST_DOCUMENT, Preview, preview

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()
FIGURE = json.dumps({"data": [], "layout": {"title": "<script>"}}).encode()
SPLIT = json.dumps({"columns": ["a", 1], "data": [[1, None], ["x", [2]]]}).encode()


def shown(name: str, content: bytes, limit: int | None = None) -> Preview:
    return preview(name, io.BytesIO(content), len(content), limit)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", PNG, "image"),
        ("a.txt", PNG, "image"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(9), "image"),
        ("a.bin", b"RIFF\x10\0\0\0WEBPVP8 ", "image"),
        ("a.svg", b'<?xml version="1.0"?>\n<svg onload="alert(1)"></svg>', "image"),
        ("a.png", b"<svg xmlns='x'/>", "image"),
        ("a.png", b"<!DOCTYPE html><script>alert(1)</script>", "html"),
        ("a.png", b"just text", "text"),
        ("a.html", b"<div>part</div>", "html"),
        ("a.txt", b"<div>part</div>", "text"),
        ("a.html", b"no tag at all", "text"),
        ("a.csv", b"a,b\n1,2\n", "table"),
        ("a.tsv", b"a\tb\n1\t2\n", "table"),
        ("a.csv", b"\0\1\2\3", "none"),
        ("a.csv", b"PAR1" + bytes(9), "none"),
        ("a.txt", FIGURE, "plotly"),
        ("a.json", NOTEBOOK, "notebook"),
        ("a.ipynb", b'{"cells": 3}', "json"),
        ("a.json", SPLIT, "table"),
        ("a.json", b'{"a": NaN', "text"),
        ("a.jsonl", b'{"a": 1}\n{"a": 2}\n', "text"),
        ("a.json", b"[" * 100_000, "text"),
        ("MLmodel", b"flavors: {}", "text"),
        ("empty", b"", "text"),
        ("latin.txt", "é".encode("latin-1"), "none"),
        ("utf16.txt", "text".encode("utf-16"), "none"),
    ],
)
def test_the_content_decides(name: str, content: bytes, kind: str) -> None:
    found = shown(name, content)
    assert found.kind == kind
    assert (found.reason is not None) == (kind == "none")
    assert found.size == len(content)


def test_a_table_has_names_rows_and_holes() -> None:
    found = shown("a.csv", '\ufeffid;"na\nme"\n1;\n2;"x;y";3\n\n'.encode())
    assert (found.columns, found.rows) == (["id", "na\nme"], [["1", None], ["2", "x;y"]])
    assert (found.total, found.truncated) == (2, False)
    found = shown("a.json", SPLIT)
    assert (found.columns, found.rows) == (["a", "1"], [["1", None], ["x", "[2]"]])


@pytest.mark.parametrize(
    ("lines", "limit", "rows", "total"), [(10, 5, 5, None), (5, 5, 5, 5), (200_000, 7, 7, None)]
)
def test_a_long_table_is_cut(lines: int, limit: int, rows: int, total: int | None) -> None:
    content = b"a,b\n" + b"1,some text that is long enough\n" * lines
    found = shown("a.csv", content, limit)
    assert (len(found.rows or ()), found.total) == (rows, total)
    assert found.truncated == (total is None)


def test_a_table_of_one_endless_line_is_read_in_part() -> None:
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.taken += len(data)
            return data

    opened = Counting(b"x," * 20_000_000)
    found = preview("a.csv", opened, 40_000_000)
    assert (found.kind, found.truncated) == ("text", True)
    assert opened.taken < 5 << 20


@pytest.mark.parametrize("limit", [1, 3, 4095, 4096, 4097, 10_000])
def test_text_is_cut_between_characters(limit: int) -> None:
    content = ("é😀" * 4000).encode()
    found = shown("a.txt", content, limit)
    assert found.text == ("é😀" * 4000)[:limit]
    assert found.truncated == (limit < 8000)


def test_a_document_is_whole_or_not_at_all() -> None:
    large = b"<!doctype html>" + b"x" * LARGEST_DOCUMENT
    assert (shown("a.html", large).kind, shown("a.html", large).text) == ("none", None)
    page = b"<!doctype html>" + b"x" * 200_000
    assert shown("a.html", page, 100).text == page.decode()
    large_json = b'{"a": "' + b"x" * LARGEST_DOCUMENT + b'"}'
    assert (shown("a.json", large_json).kind, shown("a.json", large_json).truncated) == (
        "text",
        True,
    )


def test_json_is_cut_only_when_asked() -> None:
    content = json.dumps(list(range(10_000))).encode()
    found = shown("a.json", content)
    assert (found.kind, found.truncated) == ("json", False)
    assert json.loads(found.text or "") == list(range(10_000))
    assert shown("a.json", content, 10).truncated


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("roc.PNG", "image"),
        ("scores.csv", "table"),
        ("fig.plotly.json", "plotly"),
        ("MLmodel", "text"),
        ("model.pkl", "none"),
        ("x.ipynb", "notebook"),
        ("..html", "html"),
        ("noname", "none"),
    ],
)
def test_a_name_promises_a_kind(name: str, kind: Any) -> None:
    assert kinds.guess(name) == kind
