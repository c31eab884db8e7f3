"""Values put into the places of a shell's command: none is more than what it stands for.

A place is filled as MLflow does it, with the value as a shell would write it, and also between
quotes, where that alone would end them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from nbtrail.errors import InvalidValue

PLACE = "\0"
"""Stands for a place in a command. No command can have this character."""

# What is skipped as a whole, since no place is in it, and what begins a text with its own rules.
_WHOLE = r"\\[^\0]|\$\{\w+\}|\$\(\([^\0'\"`]*?\)\)|`[^`\\\0]*`"
_ODD = r"\\|`|\$\{|\$?\(\(|\$\["
_COMMENT = r"(?<![^\s;&|()])\#"
_PIECES = {
    "'": re.compile(r"[^'\0]+|.", re.DOTALL),
    '"': re.compile(rf"{_WHOLE}|(?P<odd>{_ODD})|\$\(|.", re.DOTALL),
    "(": re.compile(
        rf"{_WHOLE}|{_COMMENT}[^\n\0]*(?!\0)(?=\n|\Z)|\$'(?:\\[^\0]|[^'\\\0])*'|<<<"
        rf"|(?P<odd>{_ODD}|{_COMMENT}|\$'|<<|\bcase\b)|\$\(|.",
        re.DOTALL,
    ),
}


def filled(command: str, values: Iterable[tuple[str, str]]) -> str:
    """Return a command with the values, by name, in its places.

    Raises:
        InvalidValue: a value has characters that mean something to the shell, and its place is
            where they cannot be quoted: in a comment, a here-document, an expression.
    """
    given, done, is_odd = iter(values), list[str](), False
    opened, position = ["("], 0  # what is open: quotes, brackets
    while position < len(command):
        piece = _PIECES[opened[-1]].match(command, position)
        assert piece
        if piece[0] == PLACE:
            name, value = next(given)
            enclosed = command[position - 1 : position + 2] == f"{opened[-1]}{PLACE}{opened[-1]}"
            done.append(_odd(name, value) if is_odd else _quoted(value, opened[-1], enclosed))
        else:
            done.append(piece[0])
            is_odd = is_odd or bool(piece.groupdict().get("odd"))
            _follow(opened, piece[0])
        position = piece.end()
    return "".join(done)


def _follow(opened: list[str], piece: str) -> None:
    """Take note of what a piece of a command opens or closes."""
    inside = opened[-1]
    if piece == inside != "(" or (piece == ")" and inside == "(" and len(opened) > 1):
        opened.pop()
    elif (inside == "(" and piece in {"'", '"', "("}) or (inside != "'" and piece == "$("):
        opened.append(piece[-1])


def _quoted(value: str, inside: str, enclosed: bool) -> str:
    """Return a value for a place inside quotes, or inside none: "(".

    Quotes that are around the place alone (`enclosed`) are around the value then.
    """
    if inside == "'":
        return (value if enclosed else shlex.quote(value)).replace("'", "'\\''")
    if inside == '"':
        return re.sub(r"""([\\"$`])""", r"\\\1", value if enclosed else shlex.quote(value))
    return shlex.quote(value)


def _odd(name: str, value: str) -> str:
    quoted = shlex.quote(value)
    if value and quoted != value:
        raise InvalidValue(
            f"The value of '{name}' has characters that mean something to a shell, and they cannot "
            f"be quoted where {{{name}}} stands in the command. Have the command begin with "
            f"VALUE={{{name}}}; and use $VALUE there."
        )
    return quoted
