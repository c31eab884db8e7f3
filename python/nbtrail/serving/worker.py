"""The scoring process: ``python -m nbtrail.serving.worker --store … --name … --model …``.

It makes its own token and writes it, with the port that it listens on, into the endpoint's row:
the token is on no command line, in no environment and in no log.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import sys
import time
from typing import NoReturn

import msgspec

from nbtrail.entities import Endpoint
from nbtrail.errors import NbtrailError
from nbtrail.serving import liveness
from nbtrail.store import Store, open_store

BACKLOG = 2048
GRACE = 5  # seconds that running requests have when the worker is asked to end


def main(arguments: list[str] | None = None) -> None:
    """Load a model and serve it until told to stop."""
    parser = argparse.ArgumentParser(prog="nbtrail.serving.worker")
    parser.add_argument("--store", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    sys.path.append("")  # the current directory, last: a model may need the user's modules
    signal.signal(signal.SIGTERM, _leave)
    store = open_store(options.store, create=False)
    with liveness.hold(liveness.worker_lock(store, options.name, os.getpid())):
        try:
            _serve(store, options)
        except NbtrailError as error:
            sys.exit(str(error))


def _serve(store: Store, options: argparse.Namespace) -> None:
    import uvicorn

    from nbtrail.models import load_model
    from nbtrail.serving.app import create_app

    with _listen(options.host, options.port) as listener:
        model = load_model(options.model, store)
        endpoint = Endpoint(
            name=options.name,
            model_uri=options.model,
            host=options.host,
            port=listener.getsockname()[1],
            pid=os.getpid(),
            token=secrets.token_urlsafe(32),
            state="ready",
            started=int(time.time() * 1000),
        )
        config = uvicorn.Config(
            create_app(model, endpoint.token),
            access_log=False,
            log_level="warning",
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        store.endpoints.put(endpoint)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            _say_stopped(store, endpoint)


def _listen(host: str, port: int) -> socket.socket:
    """Listen at once: who connects from now on is served when the model is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def _say_stopped(store: Store, endpoint: Endpoint) -> None:
    """Leave the row alone if by now it is another worker's."""
    row = store.endpoints.get(endpoint.name)
    if row is not None and row.pid == endpoint.pid:
        store.endpoints.put(msgspec.structs.replace(row, state="stopped"))


def _leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
