"""What a piece of a journal says: points and texts (see journal.py)."""

from __future__ import annotations

import sys
from array import array
from typing import NamedTuple
from zlib import crc32

from nbtrail.store.journal import MOST_TEXT, RECORD, TEXT
from nbtrail.store.points import Columns

_HEAD = TEXT.to_bytes(4, "little")


class Piece(NamedTuple):
    """What was read, and of how many bytes: a text at the end may not be complete yet."""

    points: Columns
    texts: list[bytes]
    size: int


def read(data: bytes) -> Piece:
    """Return what whole records say.

    What is left of a damaged text is taken for points, of series that are not there.
    """
    if _HEAD not in data:
        return Piece(_points(data), [], len(data))
    texts: list[bytes] = []
    points: list[bytes] = []
    after, end = 0, len(data)
    for head in _heads(data):
        first = head + RECORD.size
        length, checksum = _head(data, head)
        text = data[first : first + length]
        if len(text) < length:
            end = head
            break
        if length and crc32(text) == checksum:
            texts.append(text)
            points.append(data[after:head])
            after = first - -length // RECORD.size * RECORD.size
    points.append(data[after:end])
    return Piece(_points(b"".join(points)), texts, end)


def _heads(data: bytes) -> list[int]:
    """Return where texts begin; these bytes are in none of them."""
    found, place = [], data.find(_HEAD)
    while place >= 0:
        if place % RECORD.size == 0:
            found.append(place)
        place = data.find(_HEAD, (place // RECORD.size + 1) * RECORD.size)
    return found


def _head(data: bytes, place: int) -> tuple[int, int]:
    """Return how long a text is, and its checksum; a damaged head has no text."""
    _, checksum, length, negative, _ = RECORD.unpack_from(data, place)
    return (length if 0 < length == -negative <= MOST_TEXT else 0), checksum


def _points(records: bytes) -> Columns:
    halves, whole, real = array("I", records), array("q", records), array("d", records)
    if sys.byteorder == "big":
        for column in (halves, whole, real):
            column.byteswap()
    return Columns(
        halves[0::8].tolist(),
        halves[1::8].tolist(),
        whole[1::4].tolist(),
        whole[2::4].tolist(),
        real[3::4].tolist(),
    )
