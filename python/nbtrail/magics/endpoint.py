"""``%%endpoint`` and ``%endpoint``: a cell's function served, and what is served looked after."""

from __future__ import annotations

import argparse
import html
import json
import shlex
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display

from nbtrail.errors import NbtrailError, did_you_mean

if TYPE_CHECKING:
    from nbtrail.entities import Endpoint

USAGE = """\
%%endpoint NAME [--workers 2] [--batch 32] [--port N]   over a cell with `def predict(...)`
%endpoint list                    what is served
%endpoint logs NAME [LINES]       the last lines that its processes wrote
%endpoint test NAME ['{"x": 1}']  ask it, with its example unless you say what
%endpoint stop NAME               stop it"""
WORDS = ("list", "logs", "stop", "test")
OPTIONS = ("--workers", "--batch", "--port")
FUNCTION = "predict"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%endpoint: {message}.\n{USAGE}")


class Shown:
    """An endpoint as a cell shows it: how to ask it, without its token."""

    def __init__(self, endpoint: Endpoint, lines: dict[str, str]) -> None:
        self._title = (
            f"Endpoint {endpoint.name}, revision {endpoint.revision}, "
            f"answers at http://{endpoint.host}:{endpoint.port}/predict"
        )
        self._lines = lines
        self._token = f"For a token: nbtrail endpoints key {endpoint.name} LABEL"

    def __repr__(self) -> str:
        """Return the text form."""
        lines = (self._title, self._lines["curl"], self._lines["python"], self._token)
        return "\n\n".join(lines)

    def _repr_html_(self) -> str:
        parts = "".join(
            f"<details open><summary>{name}</summary><pre>{html.escape(self._lines[name])}</pre>"
            "</details>"
            for name in ("curl", "python")
        )
        token = f"<p>{html.escape(self._token)}</p>"
        return f"<div><b>{html.escape(self._title)}</b>{parts}{token}</div>"


@magics_class
class EndpointMagics(Magics):
    """The magics of one shell."""

    @line_cell_magic
    def endpoint(self, line: str, cell: str | None = None) -> None:
        """Serve a cell's function; ``%endpoint`` alone shows what it can do."""
        try:
            if cell is not None:
                self._serve(line, cell)
            else:
                self._command(line)
        except NbtrailError as error:
            raise UsageError(str(error)) from None

    def complete(self, _shell: object, event: object) -> list[str]:
        """Complete a line, for IPython."""
        line = str(getattr(event, "text_until_cursor", ""))
        symbol = str(getattr(event, "symbol", ""))
        words = line.split()
        if line.startswith("%%"):
            known: tuple[str, ...] = OPTIONS
        else:
            first = len(words) < 2 or (len(words) == 2 and not line.endswith(" "))
            known = WORDS if first else tuple(_names())
        return [one for one in known if one.startswith(symbol)]

    def _serve(self, line: str, cell: str) -> None:
        from nbtrail import serving

        options = _options(line)
        function = self._function(cell)
        endpoint = serving.deploy(
            function, options.name, options.port, workers=options.workers, batch_size=options.batch
        )
        display(Shown(endpoint, _lines(endpoint)))  # type: ignore[no-untyped-call]

    def _function(self, cell: str) -> FunctionType:
        """Run a cell, and return the function that it defines."""
        shell: Any = self.shell
        namespace = shell.user_ns
        before = namespace.pop(FUNCTION, None)
        try:
            source = shell.transform_cell(cell)
            name = shell.compile.cache(source, shell.execution_count, raw_code=cell)
            exec(compile(source, name, "exec"), namespace)  # noqa: S102 - it is the user's cell
            function = namespace.get(FUNCTION)
        finally:
            if FUNCTION not in namespace and before is not None:
                namespace[FUNCTION] = before
        if not isinstance(function, FunctionType):
            raise UsageError(f"The cell defines no function '{FUNCTION}': that is what is served.")
        return function

    def _command(self, line: str) -> None:
        words = line.split(maxsplit=2)  # JSON stays as it is
        word, *rest = [one.strip("'") for one in words] or ["help"]
        if word == "help":
            print(USAGE)
            return
        if word not in _COMMANDS:
            raise UsageError(f"%endpoint knows no '{word}'.{did_you_mean(word, WORDS)}\n{USAGE}")
        command, least, most = _COMMANDS[word]
        if not least <= len(rest) <= most:
            raise UsageError(USAGE)
        command(*rest)


def _options(line: str) -> argparse.Namespace:
    parser = _Parser("%%endpoint", add_help=False)
    parser.add_argument("name")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args(shlex.split(line))


def _lines(endpoint: Endpoint) -> dict[str, str]:
    from nbtrail.serving.snippets import snippets
    from nbtrail.tracking import current_store

    url = f"http://{endpoint.host}:{endpoint.port}"
    return snippets(url, endpoint.model_uri, current_store())


def _list() -> None:
    from nbtrail import serving

    found = serving.list_endpoints()
    for one in found:
        where = f"http://{one.host}:{one.port}/predict" if one.state == "ready" else one.error or ""
        print(f"{one.name:<20} {one.state:<9} {where}")
    if not found:
        print("No endpoints. '%%endpoint NAME' over a cell with `def predict(...)` starts one.")


def _logs(name: str, many: str = "50") -> None:
    from nbtrail import serving

    if not many.isdecimal():
        raise UsageError(USAGE)
    print("\n".join(serving.log_lines(name, int(many))))


def _stop(name: str) -> None:
    from nbtrail import serving

    serving.stop(name)
    print(f"Stopped {name}.")


def _test(name: str, body: str | None = None) -> None:
    import urllib.error
    import urllib.request

    from nbtrail import serving
    from nbtrail.serving.snippets import example
    from nbtrail.tracking import current_store

    endpoint = serving.get_endpoint(name)
    path = "predict"
    if body is None:
        path, body = example(endpoint.model_uri, current_store())
    if endpoint.state != "ready":
        raise UsageError(f"Endpoint '{name}' is {endpoint.state}. {endpoint.error or ''}")
    headers = {"Authorization": f"Bearer {endpoint.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"http://{endpoint.host}:{endpoint.port}/{path}", body.encode(), headers
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            print(response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            told = json.loads(error.read())
        print(f"{error.code} {told.get('error_code')}: {told.get('message')}")


def _names() -> list[str]:
    from nbtrail import serving

    try:
        return [one.name for one in serving.list_endpoints()]
    except NbtrailError:
        return []


_COMMANDS: dict[str, tuple[Callable[..., None], int, int]] = {
    "list": (_list, 0, 0),
    "logs": (_logs, 1, 2),
    "stop": (_stop, 1, 1),
    "test": (_test, 1, 2),
}
