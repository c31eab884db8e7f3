"""The source of a cell in colours, those of the front end's own theme where it has one."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 100_000  # characters; what is longer is shown without colours

# Token, JupyterLab's name of its colour, and one that is readable on any ground.
_COLORS = (
    ("Comment", "comment", "#7f8c8d"),
    ("Keyword", "keyword", "#2e9e4f"),
    ("Literal.String", "string", "#d0553b"),
    ("Literal.Number", "number", "#3f8fd2"),
    ("Name.Builtin", "builtin", "#2e9e4f"),
    ("Name.Function", "def", "#4c86d6"),
    ("Name.Class", "def", "#4c86d6"),
    ("Name.Decorator", "meta", "#a45fd0"),
    ("Operator", "operator", "#a45fd0"),
)


def highlighted(source: str) -> str:
    """Return a cell's source as HTML."""
    if len(source) > LONGEST:
        return escape(source)
    from pygments.token import string_to_tokentype

    looks = [(string_to_tokentype(name), look, color) for name, look, color in _COLORS]
    parts = []
    for kind, words in _lexer().get_tokens(source):
        found = next(((look, color) for token, look, color in looks if kind in token), None)
        parts.append(_colored(words, *found) if found else escape(words))
    return "".join(parts).rstrip("\n")


@cache
def _lexer() -> Lexer:
    from ipython_pygments_lexers import IPython3Lexer

    return IPython3Lexer(stripnl=False)


def _colored(words: str, look: str, color: str) -> str:
    style = f"color:var(--jp-mirror-editor-{look}-color,{color})"
    return f'<span style="{style}">{escape(words)}</span>'
