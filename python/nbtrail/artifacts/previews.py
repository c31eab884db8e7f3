"""What can be shown of a file: decided by its content, never more of it than is shown."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from nbtrail.artifacts import kinds
from nbtrail.artifacts.kinds import HEAD, Kind

LARGEST_DOCUMENT = 10 << 20  # bytes of what is shown whole or not at all
LARGEST_TABLE = 4 << 20  # bytes that are looked at for the first rows
CHARACTERS, ROWS = 20_000, 200
MOST = 100_000  # characters or rows
_CELL = 2000  # characters of one cell of a table
_MOST_COLUMNS = 1000
_NAMES = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF file",
    b"\x93NUMPY": "a NumPy array",
    b"\x89HDF": "an HDF5 file",
}


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a file of `size` bytes; `truncated` says that this is not all.

    Of an image there is its `media_type`; of a table `columns`, `rows` and, if somebody has
    counted, its `total` rows; of what is text, `text`; of anything else the `reason`.
    """

    path: str
    kind: Kind
    size: int
    media_type: str | None = None
    truncated: bool = False
    text: str | None = None
    columns: list[str] | None = None
    rows: list[list[str | None]] | None = None
    total: int | None = None
    reason: str | None = None


def preview(path: str, opened: BinaryIO, size: int, limit: int | None = None) -> Preview:
    """Return what can be shown of an open file.

    Args:
        path: of the file; its name decides only between kinds of text.
        opened: the file, at its beginning.
        size: its bytes.
        limit: most characters, or most rows of a table.
    """
    head = opened.read(HEAD)
    if media_type := kinds.image_type(head):
        return Preview(path=path, kind="image", size=size, media_type=media_type)
    text = _decoded(head, whole=size <= len(head))
    if text is None:
        return _nothing(path, size, f"{_called(head)} cannot be shown: download it")
    if kinds.is_svg(text):
        return Preview(path=path, kind="image", size=size, media_type="image/svg+xml")
    return _of_text(_Reader(path, head, opened, size), text, limit)


def _of_text(reader: _Reader, head: str, limit: int | None) -> Preview:
    if kinds.is_html(head, reader.path):
        return reader.document("html", "text/html")
    found = None
    if head.lstrip()[:1] in {"{", "["}:
        found = reader.json(limit)
    elif kinds.guess(reader.path) == "table":
        found = reader.table(limit or ROWS)
    return found or reader.text(limit or CHARACTERS)


class _Reader:
    """A file that is text as far as its head goes."""

    def __init__(self, path: str, head: bytes, opened: BinaryIO, size: int) -> None:
        self.path = path
        self._head = head
        self._opened = opened
        self._size = size

    def text(self, limit: int) -> Preview:
        """Return the first characters."""
        most = 4 * limit  # bytes: no character has more than four
        data = self._head[:most] + self._opened.read(max(0, most - len(self._head)))
        text = _decoded(data, whole=self._size <= len(data))
        if text is None:
            return _nothing(self.path, self._size, "This is no text: download it")
        shown = text[:limit]
        cut = len(shown) < len(text) or self._size > len(data)
        return self._made("text", text=shown, truncated=cut, media_type="text/plain")

    def document(self, kind: Kind, media_type: str) -> Preview:
        """Return all of the text; nothing of one that is large."""
        text = self._whole()
        if text is None:
            return _nothing(self.path, self._size, _too_large(self._size))
        return self._made(kind, text=text, media_type=media_type)

    def json(self, limit: int | None) -> Preview | None:
        """Return a JSON document, or None where that is none, or is large."""
        text = self._whole()
        try:
            content = None if text is None else msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            content = None
        self._rewind()
        if text is None or content is None:
            return None
        if (found := self._split(content, limit or ROWS)) is not None:
            return found
        kind = _kind_of(content)
        shown = text if kind != "json" or limit is None else text[:limit]
        cut = len(shown) < len(text)
        return self._made(kind, text=shown, truncated=cut, media_type="application/json")

    def table(self, limit: int) -> Preview | None:
        """Return the first rows of a file of separated values, or None where that is none."""
        data = self._head + self._opened.read(LARGEST_TABLE - len(self._head))
        self._rewind()
        whole = len(data) == self._size
        lines = io.StringIO(_decoded(data, whole=whole) or "", newline="")
        separator = "\t" if self.path.lower().endswith(".tsv") else _separator(self._head)
        try:
            rows = list(islice(csv.reader(lines, delimiter=separator), limit + 2))
        except csv.Error:
            return None
        whole = whole and len(rows) < limit + 2
        if not whole and len(rows) < limit + 2:
            rows.pop()  # it may have been cut
        if not rows or not rows[0]:
            return None
        names, found = rows[0][:_MOST_COLUMNS], [row for row in rows[1:] if row]
        return self._made(
            "table",
            columns=[name[:_CELL] for name in names],
            rows=[_fitted(row, len(names)) for row in found[:limit]],
            total=len(found) if whole else None,
            truncated=not whole or len(rows[0]) > _MOST_COLUMNS,
            media_type="text/csv",
        )

    def _split(self, content: Any, limit: int) -> Preview | None:
        """Return a table that pandas wrote as ``{"columns": […], "data": [[…], …]}``."""
        if not isinstance(content, dict) or not {"columns", "data"} <= content.keys():
            return None
        names, data = content["columns"], content["data"]
        if not _are_lists(names, data) or not all(isinstance(row, list) for row in data):
            return None
        texts = [[_as_text(value) for value in row] for row in data[:limit]]
        return self._made(
            "table",
            columns=[str(name)[:_CELL] for name in names[:_MOST_COLUMNS]],
            rows=[_fitted(row, min(len(names), _MOST_COLUMNS)) for row in texts],
            total=len(data),
            truncated=len(data) > limit or len(names) > _MOST_COLUMNS,
            media_type="application/json",
        )

    def _whole(self) -> str | None:
        if self._size > LARGEST_DOCUMENT:
            return None
        data = self._head + self._opened.read(LARGEST_DOCUMENT)
        return _decoded(data, whole=True)

    def _rewind(self) -> None:
        """Be again where only the head was read."""
        self._opened.seek(len(self._head))

    def _made(self, kind: Kind, **given: Any) -> Preview:
        return Preview(path=self.path, kind=kind, size=self._size, **given)


def _decoded(data: bytes, *, whole: bool) -> str | None:
    """Return bytes as text, None where they are none; a character that is cut off is left out."""
    if b"\0" in data:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(data, whole)
    except UnicodeDecodeError:
        return None


def _kind_of(content: Any) -> Kind:
    if isinstance(content, dict):
        if isinstance(content.get("cells"), list) and "nbformat" in content:
            return "notebook"
        if isinstance(content.get("data"), list) and isinstance(content.get("layout"), dict):
            return "plotly"
    return "json"


def _separator(head: bytes) -> str:
    """Return what separates the values of the first line."""
    line = head.partition(b"\n")[0].decode("utf-8", "replace")
    return max(",;\t|", key=line.count)


def _fitted(row: list[Any], width: int) -> list[str | None]:
    """Return a row of so many values: an empty one is none."""
    texts = [value[:_CELL] if value else None for value in row[:width]]
    return texts + [None] * (width - len(texts))


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _are_lists(*values: Any) -> bool:
    return all(isinstance(value, list) for value in values)


def _called(head: bytes) -> str:
    return next((name for magic, name in _NAMES.items() if head.startswith(magic)), "A binary file")


def _too_large(size: int) -> str:
    return f"This file has {size / 2**20:.0f} MB, too much to be shown: download it"


def _nothing(path: str, size: int, reason: str) -> Preview:
    sentence = reason[0].upper() + reason[1:] + "."
    return Preview(path=path, kind="none", size=size, reason=sentence)
