"""`nbtrail serve` and `nbtrail endpoints`: models behind HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import for_programs, look, text

if TYPE_CHECKING:
    from nbtrail.entities import Endpoint

NO_ENDPOINTS = "No endpoints. `nbtrail endpoints create models:/NAME/VERSION` starts one."


def _how() -> list[Callable[..., Any]]:
    """Return the options that say how a model is served."""
    return [
        click.option(
            "--auth/--no-auth",
            default=None,
            callback=_auth,
            help="Whether to ask for a token or a key (yes); not to, only on this machine.",
        ),
        click.option(
            "--env",
            type=click.Choice(["local", "uv"]),
            help="Whose packages: those that are here (local), or those that the model recorded.",
        ),
        click.option("--batch-wait-ms", type=float, help="How long a batch is waited for."),
        click.option("--batch-size", type=int, help="Requests predicted at once, at most."),
        click.option("--workers", type=int, help="Processes (1)."),
    ]


def _auth(_ctx: click.Context, _option: click.Parameter, given: bool | None) -> str | None:
    return None if given is None else ("token" if given else "none")


def _with(options: list[Callable[..., Any]]) -> Callable[..., Any]:
    """Return the decorator that adds options to a command."""

    def add(command: Callable[..., None]) -> Callable[..., Any]:
        for option in options:
            command = option(command)
        return command

    return add


_OF_WORKER = ("id", "pid", "state", "requests", "errors", "memory", "restarts", "error")


def _where(command: Callable[..., None]) -> Callable[..., Any]:
    """Add the options that say under which name and address a model is served."""
    for option in (
        *_how(),
        click.option("--port", type=int, default=0, help="The port (else a free one)."),
        click.option("--host", help="The address to listen on (127.0.0.1)."),
        click.option("--name", help="The endpoint's name (else the model's)."),
    ):
        command = option(command)
    return command


@click.command(
    epilog=text.examples(
        "nbtrail serve models:/wine/1",
        "nbtrail serve models:/wine@champion --workers 2 --batch-size 32     follows the alias",
        "nbtrail serve models:/wine/1 --env uv     with the packages that it was saved with",
        "nbtrail serve runs:/3f2a91c4d0e84f6f9f0a7c1b2d3e4f50/model --name wine --port 5001",
        "nbtrail serve models:/wine@champion models:/price/3     each as an endpoint",
    )
)
@click.argument("uris", metavar="URI...", nargs=-1, required=True)
@_where
def serve(uris: tuple[str, ...], name: str | None, host: str | None, port: int, **how: Any) -> None:
    """Serve the model at URI until ctrl-C; of several, each as an endpoint.

    Requests go to the address that is shown, with the token of `nbtrail endpoints token`, or
    through a Jupyter server, with Jupyter's token.
    """
    from nbtrail import serving

    models = _named(uris, name)
    store = look.store_for_model(max(uris, key=look.is_in_store))
    serving.serve(models, port, host=host, store=store, on_ready=_tell, **how)


def _named(uris: tuple[str, ...], name: str | None) -> dict[str, str]:
    """Return URIs by the names of their endpoints."""
    if name is not None and len(uris) > 1:
        raise click.UsageError("--name is for one model: several are called by their own names.")
    models = {name or _model_name(uri): uri for uri in uris}
    if len(models) < len(uris):
        raise click.UsageError("Two of the models have the same name: serve one with --name.")
    return models


@click.group()
def endpoints() -> None:
    """List, start and stop served models."""


@endpoints.command(
    "list",
    epilog=text.examples(
        "nbtrail endpoints list",
    ),
)
@for_programs.as_json
def list_endpoints(as_json: bool) -> None:
    """List endpoints."""
    from nbtrail import serving

    found = serving.list_endpoints(look.existing_store())
    if as_json:
        for_programs.echo([_without_token(one) for one in found])
        return
    rows = [(e.name, e.state, _url(e), e.model_uri, text.moment(e.started), e.error) for e in found]
    columns = ("ENDPOINT", "STATE", "URL", "MODEL", "STARTED", "ERROR")
    click.echo(text.table(columns, rows) if rows else NO_ENDPOINTS)


def _without_token(endpoint: Endpoint) -> dict[str, Any]:
    told = {**endpoint.to_dictionary(), "url": _url(endpoint)}
    del told["token"]
    return told


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints create models:/wine/1",
        "nbtrail endpoints create models:/wine@champion --name wine-eu --workers 4 --env uv",
    )
)
@click.argument("uri")
@_where
def create(uri: str, name: str | None, host: str | None, port: int, **how: Any) -> None:
    """Serve the model at URI under a name that is free, from processes that go on."""
    _deploy(uri, name, host, port, {"replace": False, **how})


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints deploy models:/wine/1",
        "nbtrail endpoints deploy models:/wine/2 --name wine     replaces what is served as `wine`",
    )
)
@click.argument("uri")
@_where
def deploy(uri: str, name: str | None, host: str | None, port: int, **how: Any) -> None:
    """As `create`; an endpoint of that name is replaced, without a request lost."""
    _deploy(uri, name, host, port, how)


def _deploy(uri: str, name: str | None, host: str | None, port: int, how: dict[str, Any]) -> None:
    from nbtrail import serving

    store = look.store_for_model(uri)
    _tell(serving.deploy(uri, name or _model_name(uri), port, host=host, store=store, **how))


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints stop wine",
    )
)
@click.argument("name")
def stop(name: str) -> None:
    """Stop the endpoint NAME; requests that run have some seconds to finish."""
    from nbtrail import serving

    serving.stop(name, look.existing_store())
    click.echo(f"Stopped {name}.")


@endpoints.command(
    epilog=text.examples(
        'curl -H "Authorization: Bearer $(nbtrail endpoints token wine)" …',
    )
)
@click.argument("name")
def token(name: str) -> None:
    """Print the token that the endpoint NAME asks for."""
    from nbtrail import serving

    click.echo(serving.get_endpoint(name, look.existing_store()).token)


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints update wine --workers 4",
        "nbtrail endpoints update wine --uri models:/wine/2",
    )
)
@click.argument("name")
@click.option("--uri", help="The model to serve from now on.")
@_with(_how())
def update(name: str, uri: str | None, **how: Any) -> None:
    """Change how NAME serves, or what; no request is lost."""
    from nbtrail import serving

    changes = {field: value for field, value in how.items() if value is not None}
    _tell(serving.update(name, look.existing_store(), model_uri=uri, **changes))


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints apply -f endpoints.yaml",
    )
)
@click.option("-f", "--file", default="endpoints.yaml", show_default=True, help="The file.")
def apply(file: str) -> None:
    """Make endpoints what a file says; those that are so already are left alone."""
    from nbtrail import serving

    for endpoint, changed in serving.apply(Path(file), look.existing_store()):
        if changed:
            _tell(endpoint)
        else:
            click.echo(f"Endpoint {endpoint.name} is as the file says.")


@endpoints.command(epilog=text.examples("nbtrail endpoints rollback wine"))
@click.argument("name")
@click.option("--revision", type=int, help="Its number (else the one before).")
def rollback(name: str, revision: int | None) -> None:
    """Serve again what NAME served before: its very versions, wherever aliases are now."""
    from nbtrail import serving

    _tell(serving.rollback(name, revision, look.existing_store()))


@endpoints.command(epilog=text.examples("nbtrail endpoints start wine"))
@click.argument("name")
def start(name: str) -> None:
    """Start NAME again, which was stopped or died."""
    from nbtrail import serving

    _tell(serving.start(name, look.existing_store()))


@endpoints.command(
    epilog=text.examples("nbtrail endpoints delete wine", "nbtrail endpoints delete wine --yes")
)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(name: str, yes: bool) -> None:
    """Stop NAME and forget it, with its revisions, keys and logs."""
    from nbtrail import serving

    store = look.existing_store()
    serving.get_endpoint(name, store)
    if not yes:
        click.confirm(f"Delete '{name}' with its revisions, keys and logs?", abort=True)
    serving.delete(name, store)
    click.echo(f"Deleted {name}.")


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints logs wine --lines 20",
        "nbtrail endpoints logs wine --access | jq 'select(.status >= 400)'",
    )
)
@click.argument("name")
@click.option("--lines", type=click.IntRange(1), default=100, show_default=True)
@click.option("--access", is_flag=True, help="The requests instead, a line of JSON for each.")
def logs(name: str, lines: int, access: bool) -> None:
    """Print the last lines that the processes of NAME wrote."""
    from nbtrail import serving

    for line in serving.log_lines(name, lines, look.existing_store(), access=access):
        click.echo(line)


@endpoints.command(epilog=text.examples("nbtrail endpoints stats wine"))
@click.argument("name")
def stats(name: str) -> None:
    """Show the workers of NAME, and what they answered in the last seconds."""
    from nbtrail import serving

    store = look.existing_store()
    told, workers = serving.stats(name, 60, store), serving.workers(name, store)["workers"]
    rows = [tuple(one[field] for field in _OF_WORKER) for one in workers]
    click.echo(text.table(tuple(field.upper() for field in _OF_WORKER), rows))
    totals = told["totals"]
    click.echo(
        f"{totals['requests']} requests, {totals['errors']} errors, {totals['refused']} refused"
    )
    for point in told["points"][-1:]:
        click.echo(f"last: p50 {point['p50']} ms, p95 {point['p95']} ms, p99 {point['p99']} ms")


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints key wine ci --days 30",
        "nbtrail endpoints key wine dashboard --scope read",
    )
)
@click.argument("name")
@click.argument("label")
@click.option("--scope", type=click.Choice(["predict", "read"]), default="predict")
@click.option("--days", type=float, help="When it expires (else never).")
def key(name: str, label: str, scope: Any, days: float | None) -> None:
    """Make an API key for NAME and print it: it is kept nowhere."""
    from nbtrail import serving

    _, secret = serving.add_key(name, label, scope, days, look.existing_store())
    click.echo(secret)


def _tell(endpoint: Endpoint) -> None:
    click.echo(f"Endpoint {endpoint.name} serves {endpoint.model_uri} at {_url(endpoint)}")


def _url(endpoint: Endpoint) -> str:
    live = endpoint.state == "ready"
    return f"http://{endpoint.host}:{endpoint.port}/invocations" if live else ""


def _model_name(uri: str) -> str:
    """Return `wine` for models:/wine/1, models:/wine@best, runs:/<run>/wine, a directory `wine`."""
    path = Path(uri)
    match path.parts:
        case ("models:", name, *_):
            return name.rpartition("@")[0] or name
    return path.absolute().name  # of `.`, too
