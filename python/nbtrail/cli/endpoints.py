"""`nbtrail serve` and `nbtrail endpoints`: models behind HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import look, text

if TYPE_CHECKING:
    from nbtrail.entities import Endpoint

NO_ENDPOINTS = "No endpoints. `nbtrail endpoints deploy models:/NAME/VERSION` starts one."


def _where(command: Callable[..., None]) -> Callable[..., Any]:
    """Add the options that say under which name and address a model is served."""
    for option in (
        click.option("--port", type=int, default=0, help="The port (else a free one)."),
        click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen."),
        click.option("--name", help="The endpoint's name (else the model's)."),
    ):
        command = option(command)
    return command


@click.command(
    epilog=text.examples(
        "nbtrail serve models:/wine/1",
        "nbtrail serve runs:/3f2a91c4d0e84f6f9f0a7c1b2d3e4f50/model --name wine --port 5001",
    )
)
@click.argument("uri")
@_where
def serve(uri: str, name: str | None, host: str, port: int) -> None:
    """Serve the model at URI until ctrl-C.

    Requests go to the address that is shown, with the token of `nbtrail endpoints token`, or
    through a Jupyter server, with Jupyter's token.
    """
    from nbtrail import serving

    store = look.store_for_model(uri)
    serving.serve(uri, name or _model_name(uri), port, host=host, store=store, on_ready=_tell)


@click.group()
def endpoints() -> None:
    """List, start and stop served models."""


@endpoints.command(
    "list",
    epilog=text.examples(
        "nbtrail endpoints list",
    ),
)
def list_endpoints() -> None:
    """List endpoints."""
    from nbtrail import serving

    rows = [
        (e.name, e.state, _url(e), e.model_uri, text.moment(e.started), e.error)
        for e in serving.list_endpoints(look.existing_store())
    ]
    columns = ("ENDPOINT", "STATE", "URL", "MODEL", "STARTED", "ERROR")
    click.echo(text.table(columns, rows) if rows else NO_ENDPOINTS)


@endpoints.command(
    epilog=text.examples(
        "nbtrail endpoints deploy models:/wine/1",
        "nbtrail endpoints deploy models:/wine/2 --name wine     replaces what is served as `wine`",
    )
)
@click.argument("uri")
@_where
def deploy(uri: str, name: str | None, host: str, port: int) -> None:
    """Serve the model at URI from a process of its own, which outlives this command."""
    from nbtrail import serving

    store = look.store_for_model(uri)
    _tell(serving.deploy(uri, name or _model_name(uri), port, host=host, store=store))


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


def _tell(endpoint: Endpoint) -> None:
    click.echo(f"Endpoint {endpoint.name} serves {endpoint.model_uri} at {_url(endpoint)}")


def _url(endpoint: Endpoint) -> str:
    live = endpoint.state == "ready"
    return f"http://{endpoint.host}:{endpoint.port}/invocations" if live else ""


def _model_name(uri: str) -> str:
    """Return `wine` for models:/wine/1, for runs:/<run>/wine, and for a directory `wine`."""
    path = Path(uri)
    match path.parts:
        case ("models:", name, *_):
            return name
    return path.absolute().name  # of `.`, too
