"""Micro-batches: requests that wait at the same time are predicted at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Batcher(Generic[Q, A]):
    """Gathers questions while the ones before are answered, and a little longer.

    It waits only when that paid last time, for as many as came then, and never longer than
    `wait`, nor than an answer takes: whom it does not wait for costs no more than that. Who is
    alone is answered at once.

    Args:
        answer: called in a thread with questions; returns an answer or an error for each.
        executor: where that happens.
        size: the most questions at once.
        wait: seconds that the first of them may have to wait for others.
    """

    def __init__(
        self,
        answer: Callable[[list[Q]], list[A | Exception]],
        executor: Executor,
        size: int,
        wait: float,
    ) -> None:
        self._answer = answer
        self._executor = executor
        self._size = size
        self._wait = wait
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._enough = asyncio.Event()
        self._expected = 1
        self._took = 0.0  # seconds of the last answer
        self._work: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Return the answer to a question; raises the error that is its own."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if len(self._waiting) >= self._expected:
            self._enough.set()
        if self._work is None:
            self._work = asyncio.create_task(self._go_on())
        return await future

    async def _go_on(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                await self._answer_some()
        finally:
            self._work = None

    async def _gather(self) -> None:
        if len(self._waiting) >= self._expected:
            return
        self._enough.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._enough.wait(), min(self._wait, self._took))

    async def _answer_some(self) -> None:
        many = min(self._size, len(self._waiting))
        some = [self._waiting.popleft() for _ in range(many)]
        some = [(question, future) for question, future in some if not future.done()]
        self._expected = max(many, 1)
        if not some:
            return
        loop = asyncio.get_running_loop()
        questions = [question for question, _ in some]
        began = loop.time()
        try:
            answers = await loop.run_in_executor(self._executor, self._answer, questions)
        except Exception as error:
            answers = [error] * len(some)
        self._took = loop.time() - began
        for (_, future), answer in zip(some, answers, strict=True):
            if future.done():
                continue  # who asked has gone
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
