"""Page tokens: where the last page ended, bound to the question that was asked."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Annotated

import msgspec

from nbtrail.errors import InvalidValue

_Integer = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # what SQLite can bind
_Place = list[float | _Integer | str | None]


class _Token(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    question: bytes
    place: _Place


def write(question: object, place: Sequence[object]) -> str:
    """Return the token of the page that begins after `place`."""
    content = msgspec.msgpack.encode((_digest(question), place))
    return base64.urlsafe_b64encode(content).decode()


def read(question: object, token: str, length: int) -> _Place:
    """Return the place in a token, of `length` values.

    Raises:
        InvalidValue: it is no token, or belongs to another question.
    """
    try:
        found = msgspec.msgpack.decode(base64.urlsafe_b64decode(token), type=_Token)
    except (msgspec.MsgspecError, binascii.Error, ValueError, TypeError):
        found = None
    if found is None:
        raise InvalidValue("This page token was not made by this store.")
    if found.question != _digest(question) or len(found.place) != length:
        raise InvalidValue(
            "This page token belongs to another question: filter, order, view and experiments "
            "must be those of the first page."
        )
    return found.place


def _digest(question: object) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(question)).digest()[:12]
