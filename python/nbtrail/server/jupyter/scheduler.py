"""Executes what is scheduled, while the server is up."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from logging import Logger

from nbtrail.api import Context
from nbtrail.projects.background import schedules

PERIOD = 5.0  # seconds between looks; a schedule's times are whole minutes


async def run(context: Context, executor: Executor, log: Logger) -> None:
    """Look for what is due until cancelled; trouble is told once for each kind."""
    told = ""
    while True:
        try:
            await asyncio.get_running_loop().run_in_executor(executor, _run_due, context)
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
            if trouble != told:
                log.warning("nbtrail cannot execute what is scheduled: %s", trouble)
            told = trouble
        else:
            told = ""
        await asyncio.sleep(PERIOD)


def _run_due(context: Context) -> None:
    if (store := context.store()) is not None:
        schedules.run_due(store)
