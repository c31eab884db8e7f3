"""A request and a response, as handlers see them, and how the one is read into typed records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs

import msgspec

from nbtrail.errors import BadRequest, InvalidValue, did_you_mean

JSON = "application/json"
MOST_FIELDS = 200

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True)
class Request:
    """What was asked: decoded path arguments, the raw query and body, headers by small name."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def query_as(self, shape: type[S]) -> S:
        """Read the query string into a struct; a parameter without a value counts as not given.

        Raises:
            InvalidValue: a parameter is unknown, repeated, or of another type.
        """
        given = _parsed_query(self.query)
        fields = {known.name: known for known in msgspec.structs.fields(shape)}
        if unknown := next((name for name in given if name not in fields), None):
            raise InvalidValue(
                f"There is no query parameter '{unknown[:100]}'.{did_you_mean(unknown, fields)}"
            )
        values = {name: _single(name, texts, fields[name].type) for name, texts in given.items()}
        try:
            return msgspec.convert(values, shape, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidValue(f"The query cannot be used: {error}.") from None

    def body_as(self, shape: type[S]) -> S:
        """Read the JSON body into a struct.

        Raises:
            BadRequest: the body is not JSON.
            InvalidValue: it is JSON of another shape.
        """
        try:
            return msgspec.json.decode(self.body, type=shape)
        except msgspec.ValidationError as error:
            raise InvalidValue(f"The body cannot be used: {error}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadRequest("The body is not valid JSON.") from None


class Pieces(Protocol):
    """A body that is never in memory whole: each piece is asked for when the last is on its way."""

    def __next__(self) -> bytes:
        """Return the next piece."""
        ...

    def close(self) -> None:
        """Let go of what they come from: after the last piece, and when the client has gone."""
        ...


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: int
    body: bytes | Pieces
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def _parsed_query(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise BadRequest("The query is not valid percent-encoded UTF-8.") from None
    except ValueError:
        raise BadRequest(f"The query has more than {MOST_FIELDS} fields.") from None


def _single(name: str, texts: list[str], wanted: Any) -> str | list[str]:
    if getattr(wanted, "__origin__", None) is list:
        return texts
    if len(texts) > 1:
        raise InvalidValue(f"The query parameter '{name}' is given more than once.")
    return texts[0]
