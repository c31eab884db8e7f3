"""A worker: loads the models of an endpoint and answers from the supervisor's socket.

Started by supervisor.py, which gives it two sockets and, on the second, an order: ``store``,
``name``, ``revision``, ``token``, ``keys``, ``config``, ``served``, the URIs of the models, and
``directories``, where these are. With ``env: uv`` environment.py starts in its place, and becomes
it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import socket
import sys
from functools import partial
from typing import Any

import msgspec

from nbtrail.entities import EndpointConfig
from nbtrail.errors import NbtrailError
from nbtrail.serving.supervision.channel import Channel

BEAT = 0.5  # seconds between two reports
FAREWELL = 0.3  # seconds in which clients that keep connections are told to close them
GRACE = 10  # seconds that running requests have


def main(arguments: list[str] | None = None) -> None:
    """Load the models, warm up, and answer until told to stop."""
    parser = argparse.ArgumentParser(prog="nbtrail.serving.supervision.worker")
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--channel", type=int, required=True)
    options = parser.parse_args(arguments)
    sys.path.append("")  # the current directory, last: a model may need the user's modules
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor says when to end
    channel = Channel(socket.socket(fileno=options.channel))
    order: list[dict[str, Any]] = []
    while not order:
        order = channel.receive()
        if channel.closed:
            return
    try:
        _serve(order[0], socket.socket(fileno=options.listener), channel)
    except NbtrailError as error:
        sys.exit(str(error))


def _serve(order: dict[str, Any], listener: socket.socket, channel: Channel) -> None:
    gc.disable()  # what is imported and loaded stays: no collection need ever look at it

    import uvicorn

    from nbtrail.models import load_model
    from nbtrail.serving import logs
    from nbtrail.serving.scoring.access_log import AccessLog
    from nbtrail.serving.scoring.app import create_app
    from nbtrail.serving.scoring.connections import Connection
    from nbtrail.serving.scoring.service import Service
    from nbtrail.serving.supervision import status
    from nbtrail.store import open_store

    store = open_store(order["store"], create=False)
    config = msgspec.convert(order["config"], EndpointConfig)
    models = [load_model(uri, store) for uri in order["served"]]
    service = Service(
        order["name"], config, order["served"], models, partial(status.read, store, order["name"])
    )
    service.warm_up(store)
    gc.freeze()
    gc.enable()
    gate = create_app(service, order["token"], order["keys"])
    log = AccessLog(gate, logs.access_path(store, order["name"]), order["revision"])
    settings = uvicorn.Config(
        log,
        http=Connection,
        ws="none",
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        backlog=64,  # connections accepted at a time: the rest are for the other workers
        timeout_graceful_shutdown=GRACE,
    )

    class Server(uvicorn.Server):
        """Tells the supervisor how it is."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.reporting = asyncio.create_task(_report(self, service, gate, log, channel))

    Server(settings).run(sockets=[listener])
    log.flush()
    os._exit(0)  # a thread whose model never returns would keep the process


async def _report(server: Any, service: Any, gate: Any, log: Any, channel: Channel) -> None:
    """Say each moment how the worker is, and hear what it is to do."""
    from nbtrail.serving.supervision.member import memory_of

    loop = asyncio.get_running_loop()
    orders: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    channel.socket.setblocking(False)

    def hear() -> None:
        for message in channel.receive():
            orders.put_nowait(message)
        if channel.closed:
            loop.remove_reader(channel.socket)
            orders.put_nowait(None)

    loop.add_reader(channel.socket, hear)
    channel.send({"say": "ready"})
    while True:
        told = service.beat() | {"say": "beat", "memory": memory_of(os.getpid())}
        channel.send(told)
        await loop.run_in_executor(None, log.flush)
        try:
            order = await asyncio.wait_for(orders.get(), BEAT)
        except TimeoutError:
            continue
        if order is None or order["do"] == "drain":
            break
        gate.take_keys(order["keys"])
    await _leave(server, service, channel)


async def _leave(server: Any, service: Any, channel: Channel) -> None:
    """Take nothing new, finish what is under way, and end."""
    for one in server.servers:
        one.close()
    service.leaving = True
    channel.send({"say": "deaf"})
    await asyncio.sleep(FAREWELL)
    while service.in_flight:
        await asyncio.sleep(0.02)
        channel.send(service.beat() | {"say": "beat", "memory": 0})
    channel.send(service.beat() | {"say": "beat", "memory": 0})
    server.should_exit = True


if __name__ == "__main__":
    main()
