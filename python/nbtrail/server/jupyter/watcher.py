"""Notices that the store changed, whoever changed it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from logging import Logger

from nbtrail.api import Context
from nbtrail.store import Store

PERIOD = 0.1  # seconds between looks while the store changes
IDLE_PERIOD = 0.4  # and when it has not for a while
A_WHILE = 5.0


class StoreWatcher:
    """Drains the journals, ten times a second while they grow, and tells what was committed.

    Two threads take part on purpose: SQLite's ``data_version`` shows a connection the commits of
    all others and not its own, so the connection that looks never writes.

    Args:
        context: says which store.
        tell: called in the event loop with a number that grows by each change.
        executor: where journals are drained.
        log: told about trouble, once for each kind.
    """

    def __init__(
        self, context: Context, tell: Callable[[int], None], executor: Executor, log: Logger
    ) -> None:
        self._context = context
        self._tell = tell
        self._executor = executor
        self._log = log
        self._trouble = ""

    async def run(self) -> None:
        """Watch until cancelled."""
        clock = asyncio.get_running_loop().time
        changes, changed = 0, clock()
        with ThreadPoolExecutor(1, "nbtrail-watch") as looker:
            seen = await self._look(looker, None)
            while True:
                await asyncio.sleep(PERIOD if clock() - changed < A_WHILE else IDLE_PERIOD)
                now = await self._look(looker, seen)
                if now != seen:
                    seen, changes, changed = now, changes + 1, clock()
                    self._tell(changes)

    async def _look(
        self, looker: Executor, before: tuple[Store, int] | None
    ) -> tuple[Store, int] | None:
        """Return the store and its version; None without a store, `before` when in trouble."""
        loop = asyncio.get_running_loop()
        try:
            store = await loop.run_in_executor(self._executor, self._context.store)
            if store is None:
                return None
            version = await loop.run_in_executor(looker, store.data_version)
        except Exception as error:
            self._note(f"{type(error).__name__}: {error}")
            return before
        self._note("")
        return store, version

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            self._log.warning(
                "nbtrail cannot watch the store %s: %s", self._context.store_uri, trouble
            )
        self._trouble = trouble
