"""The supervisor of an endpoint: ``-m nbtrail.serving.supervision.supervisor --store … --name …``.

It listens, and starts worker processes that accept from its socket; it loads no model. A new
revision, or an alias that moved, is a new generation of workers: when they are ready the old
ones finish what is under way and end, so that nobody waits and nothing is lost. It makes the
endpoint's token and writes it into the endpoint's row: the token is on no command line, in no
environment and in no log.
"""

from __future__ import annotations

import argparse
import os
import secrets
import selectors
import signal
import socket
import time

import msgspec

from nbtrail.entities import Endpoint, EndpointConfig, EndpointRevision
from nbtrail.errors import NbtrailError
from nbtrail.models.uris import pinned, resolve
from nbtrail.serving import logs
from nbtrail.serving.supervision import liveness, status
from nbtrail.serving.supervision.figures import History
from nbtrail.serving.supervision.generation import Generation
from nbtrail.store import Store, open_store

BACKLOG = 2048
PULSE = 0.05  # seconds between two looks at the workers and the store
GRACE = 5.0  # seconds that running requests have when the supervisor is asked to end


def main(arguments: list[str] | None = None) -> None:
    """Serve the newest revision of an endpoint until told to stop."""
    parser = argparse.ArgumentParser(prog="nbtrail.serving.supervision.supervisor")
    parser.add_argument("--store", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--revision", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    store = open_store(options.store, create=False)
    with (
        liveness.hold(liveness.worker_lock(store, options.name, os.getpid())),
        _listen(options.host, options.port) as listener,
    ):
        Supervisor(store, options.name, options.revision, options.host, listener).run()


class Supervisor:
    """Keeps an endpoint answering."""

    def __init__(
        self, store: Store, name: str, first: int, host: str, listener: socket.socket
    ) -> None:
        self._first = first
        self._store = store
        self._name = name
        self._host = host
        self._listener = listener
        self._log = liveness.log_path(store, name)
        self._token = secrets.token_urlsafe(32)
        self._history = History()
        self._live: Generation | None = None
        self._next: Generation | None = None
        self._old: list[Generation] = []
        self._refused: list[str] | None = None  # what aliases meant that did not start
        self._seen = -1
        self._told = 0.0
        self._keys: list[dict[str, object]] = []
        self._ending = False
        self._started = 0  # ms

    def run(self) -> None:
        """Work until asked to end; a first revision that does not start ends it, too."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        try:
            while not self._ending:
                self._look_at_the_store()
                self._step()
                self._listen_to_workers()
        finally:
            self._close()

    def _end(self, _signal: int, _frame: object) -> None:
        self._ending = True

    def _look_at_the_store(self) -> None:
        """Find what is to be served, if anything was written since the last look."""
        version = self._store.data_version()
        if version == self._seen:
            return
        self._seen = version
        if self._is_replaced():
            self._ending = True
            return
        self._take_keys()
        wanted = self._wanted()
        if wanted is None:
            return
        try:
            served = [pinned(one.model_uri, self._store) for one in wanted.config.targets]
            self._aim_at(wanted, served)
        except NbtrailError as error:
            self._refuse(wanted.revision, wanted.config, str(error))

    def _aim_at(self, wanted: EndpointRevision, served: list[str]) -> None:
        """Begin what is not served yet, and leave off what is not wanted any more."""
        live, begun, goal = self._live, self._next, (wanted.revision, served)
        if begun and (begun.revision, begun.served) == goal:
            return
        if begun:
            begun.drain()
            self._old.append(begun)
            self._next = None
        if live and (live.revision, live.served) == goal:
            return
        if live and live.revision == wanted.revision:  # an alias moved
            if served != self._refused:
                self._store.endpoints.add_revision(self._name, wanted.config, "alias")
                self._seen = -1
            return
        self._begin(wanted, served)

    def _wanted(self) -> EndpointRevision | None:
        """Return the newest revision that did not fail; an alias may move under it."""
        known = self._store.endpoints.revisions(self._name)
        for one in known:
            if one.state in {"starting", "live"} or (
                one.state == "moving" and one.revision == self._first
            ):
                return one
        return None

    def _is_replaced(self) -> bool:
        """Say whether another supervisor has taken over, at another address."""
        row = self._store.endpoints.get(self._name)
        return bool(self._live and row and row.pid not in {None, os.getpid()})

    def _begin(self, wanted: EndpointRevision, served: list[str]) -> None:
        config = msgspec.to_builtins(wanted.config)
        order: dict[str, object] = {
            "store": self._store.uri,
            "name": self._name,
            "token": self._token,
            "revision": wanted.revision,
        }
        order |= {"config": config, "served": served, "keys": self._keys}
        order["directories"] = [str(resolve(uri, self._store)) for uri in served]
        self._next = Generation(wanted.revision, wanted.config, served, order)

    def _take_keys(self) -> None:
        keys = [msgspec.to_builtins(one) for one in self._store.endpoints.keys(self._name)]
        if keys != self._keys:
            self._keys = keys
            for generation in self._all():
                generation.tell({"keys": keys})

    def _step(self) -> None:
        for generation in self._all():
            generation.tend(self._listener, self._log)
        self._old = [one for one in self._old if any(one.members())]
        if self._next and not self._next.is_ready and (error := self._next.places[0].error):
            self._give_up(self._next, error)
        elif self._next and self._next.is_ready and self._next.is_settled:
            self._switch(self._next)
        if time.monotonic() - self._told > 1:
            self._tell_status()

    def _all(self) -> list[Generation]:
        return [one for one in (self._live, self._next, *self._old) if one]

    def _give_up(self, generation: Generation, error: str) -> None:
        """Leave a generation that does not start; the one before goes on."""
        self._next = None
        self._refused = generation.served
        self._refuse(generation.revision, generation.config, error)

    def _refuse(self, revision: int, config: EndpointConfig, error: str) -> None:
        if self._live is None:
            self._store.endpoints.end_revision(self._name, revision, "failed", error)
            self._ending = True
            return
        # The row first: who waits for the revision's end reads in it why.
        self._put_row(self._live, f"{config.targets[0].model_uri} did not take its place: {error}")
        if revision != self._live.revision:
            self._store.endpoints.end_revision(self._name, revision, "failed", error)

    def _switch(self, generation: Generation) -> None:
        """Let a generation that is ready take the place of the live one."""
        before, self._live, self._next = self._live, generation, None
        self._started = int(time.time() * 1000)
        if before:
            before.drain()
            self._old.append(before)
            self._wait_until_deaf(before)
        self._put_row(generation, None)
        self._store.endpoints.end_revision(
            self._name, generation.revision, "live", None, generation.served
        )
        self._tell_status()

    def _wait_until_deaf(self, generation: Generation) -> None:
        """Wait until the workers take nothing new: who asks from now on asks the new ones."""
        until = time.monotonic() + 1
        waiting = list(generation.members())
        while waiting and time.monotonic() < until:
            self._listen_to_workers()
            waiting = [one for one in waiting if not one.deaf and not one.ended()]

    def _put_row(self, generation: Generation, error: str | None) -> None:
        uris = [one.model_uri for one in generation.config.targets]
        row = Endpoint(
            name=self._name,
            model_uri=uris[0],
            host=self._host,
            port=self._listener.getsockname()[1],
            pid=os.getpid(),
            token=self._token,
            state="ready",
            started=self._started,
            error=error,
            revision=generation.revision,
        )
        self._store.endpoints.put(row)

    def _listen_to_workers(self) -> None:
        """Wait a moment for what workers say."""
        with selectors.DefaultSelector() as selector:
            for generation in self._all():
                for member in generation.members():
                    if not member.channel.closed:
                        selector.register(member.channel.socket, selectors.EVENT_READ, member)
            found = selector.select(PULSE)
            if not found and not selector.get_map():
                time.sleep(PULSE)
        for key, _ in found:
            for figures in key.data.listen():
                self._history.add(int(time.time()), figures)

    def _tell_status(self) -> None:
        self._told = time.monotonic()
        places = [
            place.to_dict(number, generation.revision)
            for generation in (self._live, self._next)
            if generation
            for number, place in enumerate(generation.places, start=1)
        ]
        status.write(self._store, self._name, places, self._history)
        logs.rotate(self._store, self._name)

    def _close(self) -> None:
        """End all workers, and say so unless by now the row is another supervisor's."""
        for generation in self._all():
            generation.drain()
        until = time.monotonic() + GRACE
        while time.monotonic() < until and any(any(one.members()) for one in self._all()):
            self._listen_to_workers()
            for generation in self._all():
                generation.bury()
        for generation in self._all():
            generation.kill()
        status.remove(self._store, self._name)
        row = self._store.endpoints.get(self._name)
        if row is not None and row.pid == os.getpid():
            self._store.endpoints.put(msgspec.structs.replace(row, state="stopped"))


def _listen(host: str, port: int) -> socket.socket:
    """Listen at once: who connects from now on is served when the model is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    listener.setblocking(False)
    return listener


if __name__ == "__main__":
    main()
