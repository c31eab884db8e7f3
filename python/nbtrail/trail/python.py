"""A cell's source as Python, as far as it is: magics and shell lines taken out, and said so."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache

from nbtrail.trail.inlined import PYTHON_MAGICS, quietly

_TIMING = re.compile(r"^(\s*)%(?:time|timeit|prun)\s+(?:-\S+\s+)*", re.MULTILINE)
_HELP = re.compile(r"^(\s*)(?:\?.*|[\w.*]+\?{1,2})\s*$", re.MULTILINE)
_LINE = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_ASSIGNED = re.compile(r"=\s*[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Code:
    """What is Python in a cell (None: it cannot be read), and the magic that is not, if any."""

    tree: ast.Module | None
    magic: str | None = None


@lru_cache(maxsize=512)
def python_of(source: str) -> Code:
    """Parse a cell as a person wrote it."""
    magic, _, body = source.lstrip().partition("\n")
    if magic.startswith("%%"):
        word = magic.split()[0]
        return python_of(body) if word[2:] in PYTHON_MAGICS else Code(None, word)
    if (tree := _parsed(source)) is not None:
        return Code(tree)
    text = _HELP.sub(r"\1pass", _TIMING.sub(r"\1", source))
    found = _LINE.search(text) or _ASSIGNED.search(text)
    text = _ASSIGNED.sub("= None", _LINE.sub(r"\1pass", text))
    return Code(_parsed(text), found[0].strip() if found else None)


def _parsed(text: str) -> ast.Module | None:
    try:
        with quietly():
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
