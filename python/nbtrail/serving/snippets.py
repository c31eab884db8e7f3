"""How to ask an endpoint: lines for a shell, Python and JavaScript."""

from __future__ import annotations

import ast
import json

from nbtrail.errors import NbtrailError
from nbtrail.models import resolve
from nbtrail.models.examples import SERVING
from nbtrail.serving.functions import source_of
from nbtrail.store import Store

TOKEN = "<token>"  # noqa: S105 - where the reader puts one


def snippets(url: str, model_uri: str, store: Store, token: str = TOKEN) -> dict[str, str]:
    """Return ``curl``, ``python`` and ``javascript`` for an endpoint.

    Args:
        url: where it answers, without the last segment.
        model_uri: what it serves, whose input example is the body.
        store: where that is looked up.
        token: what is shown as the token.
    """
    path, body = example(model_uri, store)
    url = f"{url}/{path}"
    return {
        "curl": (
            f"curl {url} -H 'Authorization: Bearer {token}' "
            f"-H 'Content-Type: application/json' -d '{_quoted(body)}'"
        ),
        "python": (
            "import httpx\n\n"
            "response = httpx.post(\n"
            f'    "{url}",\n'
            f'    headers={{"Authorization": "Bearer {token}"}},\n'
            f"    json={json.loads(body)!r},\n"
            ")\nresponse.raise_for_status()\nprint(response.json())"
        ),
        "javascript": (
            f'const response = await fetch("{url}", {{\n'
            '  method: "POST",\n'
            f'  headers: {{Authorization: "Bearer {token}", "Content-Type": "application/json"}},\n'
            f"  body: JSON.stringify({body}),\n"
            "});\nconsole.log(await response.json());"
        ),
    }


def example(model_uri: str, store: Store) -> tuple[str, str]:
    """Return the path to ask what is served from a model, and a body for it."""
    try:
        directory = resolve(model_uri, store)
        if (function := source_of(directory)) is not None:
            return "predict", json.dumps(_arguments(function.args))
        content = json.loads((directory / SERVING).read_bytes())
        return "invocations", json.dumps(content)
    except (NbtrailError, OSError, ValueError):
        return "invocations", '{"inputs": []}'


def _quoted(text: str) -> str:
    """Return what stands between a shell's single quotes."""
    return text.replace("'", "'\\''")


def _arguments(taken: ast.arguments) -> dict[str, object]:
    """Return an argument for each that a function needs, or has a hint that says enough of."""
    optional = taken.args[len(taken.args) - len(taken.defaults) :]
    optional += [
        one for one, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True) if default
    ]
    return {
        one.arg: known
        for one in [*taken.args, *taken.kwonlyargs]
        if (known := _value(one.annotation)) is not None or one not in optional
    }


def _value(hint: ast.expr | None) -> object:
    """Return something of the type that a hint names, None if that is not known."""
    values = {"int": 1, "float": 1.0, "str": "text", "bool": True, "list": [], "dict": {}}
    return values.get(ast.unparse(hint).partition("[")[0]) if hint else None
