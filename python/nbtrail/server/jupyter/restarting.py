"""Starts again the endpoints that should be running, whoever started them first."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from logging import Logger

from nbtrail import serving
from nbtrail.api import Context

PERIOD = 10.0  # seconds between two looks


async def run(context: Context, log: Logger) -> None:
    """Look now and then, until cancelled; in a thread of its own, since models load slowly."""
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(1, "nbtrail-restart")
    try:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await loop.run_in_executor(executor, _look, context, log)
            except Exception as error:
                log.warning("nbtrail cannot look after its endpoints: %s", error)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _look(context: Context, log: Logger) -> None:
    store = context.store()
    if store is None:
        return
    for endpoint in serving.start_what_died(store):
        log.info("nbtrail started the endpoint '%s' again", endpoint.name)
