"""What kind of thing a file is: guessed by its name for a list, decided by its content to show it.

A name may lie. What is shown as an image begins like one, and nothing is a page but what is put
into a sandbox.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["folder", "image", "table", "text", "json", "plotly", "notebook", "html", "none"]
HEAD = 4096  # bytes by which a file is known

_BY_SUFFIX: dict[Kind, str] = {
    "image": "png jpg jpeg gif webp svg",
    "table": "csv tsv",
    "json": "json",
    "notebook": "ipynb",
    "html": "html htm",
    "text": "txt md log py r jl sql sh yaml yml toml ini cfg xml tex rst diff patch env jsonl",
}
_SUFFIXES = {suffix: kind for kind, listed in _BY_SUFFIX.items() for suffix in listed.split()}
_TEXT_NAMES = {"mlmodel", "dockerfile", "makefile", "license", "readme"}
_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_SVG = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE\s+svg[^>]*>\s*)?<svg[\s>]", re.DOTALL
)
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!DOCTYPE\s+html|html|head|body)\b", re.DOTALL | re.I)
_TAG = re.compile(r"\s*<[A-Za-z!]")


def guess(name: str) -> Kind:
    """Return what a name promises."""
    path = PurePosixPath(name.lower())
    suffix = path.suffix.lstrip(".")
    if name.lower().endswith(".plotly.json"):
        return "plotly"
    return _SUFFIXES.get(suffix, "text" if path.name in _TEXT_NAMES else "none")


def image_type(head: bytes) -> str | None:
    """Return the media type of an image that a browser can show, by how it begins."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def is_svg(text: str) -> bool:
    """Say whether a text is a drawing, which may have scripts."""
    return _SVG.match(text) is not None


def is_html(text: str, name: str) -> bool:
    """Say whether a text is a page, or a piece of one whose name says so."""
    named = guess(name) == "html" and _TAG.match(text) is not None
    return named or _HTML.match(text) is not None
