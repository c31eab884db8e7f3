"""The workers of one revision: as many as it wants, each replaced when it ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbtrail.entities import EndpointConfig
from nbtrail.serving.supervision.member import Member

MOST_PATIENCE = 30.0  # seconds between two attempts of a worker that ends again and again
FINE = 10.0  # seconds after which a worker that became ready counts as good


class Place:
    """Where one worker after another stands."""

    def __init__(self) -> None:
        self.member: Member | None = None
        self.attempts = self.failures = 0
        self.not_before = 0.0
        self.error: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether its worker answers."""
        return self.member is not None and self.member.state == "ready"

    def failed(self, member: Member) -> None:
        """Note the end of its worker, and wait the longer the more often that happens."""
        was_fine = member.state == "ready" and member.ready_for() > FINE
        self.failures = 1 if was_fine else self.failures + 1
        wait = 0.0 if self.failures == 1 else min(0.25 * 2**self.failures, MOST_PATIENCE)
        self.member, self.error = None, member.reason()
        self.not_before = time.monotonic() + wait

    def to_dict(self, number: int, revision: int) -> dict[str, Any]:
        """Return what is told of it."""
        member = self.member
        return {
            "id": number,
            "pid": member.pid if member else None,
            "state": member.state if member else "backing-off",
            "revision": revision,
            "started": int(member.started * 1000) if member else None,
            "requests": member.figures.requests if member else 0,
            "errors": member.figures.errors if member else 0,
            "in_flight": member.in_flight if member else 0,
            "memory": member.memory if member else 0,
            "restarts": max(self.attempts - 1, 0),
            "error": self.error,
        }


class Generation:
    """Workers that serve the same models in the same way.

    Args:
        revision: its number.
        config: how it serves.
        served: the URIs of its models, aliases resolved.
        order: what each worker is told; see `nbtrail.serving.supervision.worker`.
    """

    def __init__(
        self, revision: int, config: EndpointConfig, served: list[str], order: dict[str, Any]
    ) -> None:
        self.revision = revision
        self.config = config
        self.served = served
        self.places = [Place() for _ in range(config.workers)]
        self.leaving: list[Member] = []
        self._order = order

    def members(self) -> Iterator[Member]:
        """Yield all processes that there are."""
        yield from (place.member for place in self.places if place.member)
        yield from self.leaving

    @property
    def is_ready(self) -> bool:
        """Whether one of its workers answers."""
        return any(place.is_ready for place in self.places)

    @property
    def is_settled(self) -> bool:
        """Whether each of its workers answers, or has failed to."""
        return all(place.is_ready or place.error for place in self.places)

    def tend(self, listener: socket.socket, log: Path) -> None:
        """Start what is missing, take away what has ended, replace what has grown too large.

        The first worker is the test of the others: they start when it is ready.
        """
        self.bury()
        for place in self.places if self.is_ready else self.places[:1]:
            self._replace_if_large(place)
            if place.member is None and time.monotonic() >= place.not_before:
                place.attempts += 1
                place.member = Member(listener, self._order, log, self.config)

    def bury(self) -> None:
        """Take away what has ended."""
        for place in self.places:
            if place.member and place.member.ended():
                place.member.close()
                place.failed(place.member)
        for member in [one for one in self.leaving if one.ended()]:
            member.close()
            self.leaving.remove(member)

    def drain(self) -> None:
        """Let all workers finish what is under way and end."""
        self.leaving += [place.member for place in self.places if place.member]
        self.places = []
        for member in self.leaving:
            member.drain()

    def kill(self) -> None:
        """End all workers at once."""
        for member in self.members():
            member.kill("The endpoint was stopped.")
            member.process.wait()
            member.close()

    def tell(self, message: dict[str, Any]) -> None:
        """Tell all workers, and those who come after."""
        self._order = self._order | message
        for member in self.members():
            member.channel.send({"do": "keys", **message})

    def _replace_if_large(self, place: Place) -> None:
        limit, member = self.config.max_memory_mb, place.member
        if limit and member and place.is_ready and member.memory > limit * 1024**2:
            place.error = f"It used more than {limit} MB and was replaced."
            place.failures += 1
            place.not_before = time.monotonic() + min(0.25 * 2**place.failures, MOST_PATIENCE)
            self.leaving.append(member)
            place.member = None
            member.drain()
