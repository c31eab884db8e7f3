"""Recorded outputs as HTML that runs nothing: texts and images, whatever else they hold."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

LONGEST = 4000  # characters of one text
LARGEST = 1_000_000  # bytes of the images of one cell, as they are kept
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]")


def outputs_html(outputs: Sequence[Mapping[str, Any]]) -> str:
    """Return the outputs of a cell.

    HTML and scripts among them are left out: a run may come from somebody else. What they say as
    text is shown instead.
    """
    room, parts = LARGEST, []
    for output in outputs:
        image = _image(output.get("data", {}))
        if image and len(image) <= room:
            room -= len(image)
            parts.append(image)
        else:
            parts.append(_pre(_text(output)))
    return "".join(parts)


def _image(data: Mapping[str, Any]) -> str:
    """Return the picture in an output; a browser runs no script in it."""
    for kind in _IMAGES:
        if kind in data:
            content = _joined(data[kind])
            if kind == "image/svg+xml":
                content = base64.b64encode(content.encode()).decode()
            source = escape(f"data:{kind};base64,{''.join(content.split())}")
            return f'<img src="{source}" alt="{kind}" style="max-width:100%">'
    return ""


def _text(output: Mapping[str, Any]) -> str:
    match output.get("output_type"):
        case "stream":
            return _joined(output.get("text", ""))
        case "error":
            return "\n".join(output.get("traceback", ())) or f"{output.get('ename')}"
        case _:
            data = output.get("data", {})
            return _joined(data.get("text/plain", "")) or f"({', '.join(data) or 'nothing'})"


def _joined(text: str | Sequence[str]) -> str:
    """Return a text that nbformat may have as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def _pre(text: str) -> str:
    plain = _STEERING.sub("", text)
    more = len(plain) - LONGEST
    told = f"\n… {more} more characters" if more > 0 else ""
    return f"<pre>{escape(plain[:LONGEST] + told)}</pre>"
