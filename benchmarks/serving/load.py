"""Asks an endpoint for a while and holds each answer against what it must be.

Run as a process of its own, told by a JSON object on its standard input:
`host`, `port`, `token`, `bodies`, `expected` (for each body the answers that are right),
`connections`, `seconds` and `rate` (requests a second of all; null: as many as may be).
Prints `{"answered", "failed", "wrong", "kinds", "rate"}`. What fails is not asked again.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import count
from typing import Any


class Load:
    """What is asked, and what was answered."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._numbers = count()
        self._began = time.perf_counter()
        self._requests = [self._request(body) for body in told["bodies"]]

    def _request(self, body: str) -> bytes:
        head = (
            f"POST /invocations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.told['token']}"
            f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body.encode()

    async def run(self) -> None:
        await asyncio.gather(*(self._connection() for _ in range(self.told["connections"])))

    async def _connection(self) -> None:
        connection = None
        while (number := next(self._numbers)) >= 0 and await self._turn(number):
            which = number % len(self._requests)
            try:
                connection = connection or await asyncio.open_connection(
                    self.told["host"], self.told["port"]
                )
                stays = await self._ask(connection, which)
            except (OSError, asyncio.IncompleteReadError) as error:
                self.counts["failed"] += 1
                self.kinds[type(error).__name__] += 1
                stays = False
            if not stays and connection:
                connection[1].close()
                connection = None

    async def _turn(self, number: int) -> bool:
        """Wait until a request is due; false once time is up."""
        rate = self.told["rate"]
        due = self._began + number / rate if rate else 0.0
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return time.perf_counter() - self._began < self.told["seconds"]

    async def _ask(self, connection: Any, which: int) -> bool:
        """Ask once; return whether the connection stays open."""
        reader, writer = connection
        writer.write(self._requests[which])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        content = await reader.readexactly(length)
        if b" 200 " not in head[:16]:
            self.counts["failed"] += 1
            self.kinds[head[9:12].decode()] += 1
        else:
            self.counts["answered"] += 1
            answer = json.loads(content)["predictions"]
            self.counts["wrong"] += answer not in self.told["expected"][which]
            self.kinds[str(answer[0] >= 10)] += 1
        return b"connection: close" not in head


def main() -> None:
    load = Load(json.load(sys.stdin))
    began = time.perf_counter()
    asyncio.run(load.run())
    rate = sum(load.counts[one] for one in ("answered", "failed")) / (time.perf_counter() - began)
    counts = {one: load.counts[one] for one in ("answered", "failed", "wrong")}
    print(json.dumps(counts | {"kinds": load.kinds, "rate": rate}))


if __name__ == "__main__":
    main()
