"""What a worker does with a request: choose a model, read, predict, answer; with limits."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from itertools import accumulate, count
from typing import Any, TypeVar

import msgspec

from nbtrail.entities import EndpointConfig
from nbtrail.errors import BadRequest, EndpointError, NbtrailError
from nbtrail.models import PyFuncModel
from nbtrail.models.examples import SERVING
from nbtrail.models.uris import resolve
from nbtrail.serving.functions import Function, Misfit
from nbtrail.serving.scoring import protocol
from nbtrail.serving.scoring.batching import Batcher
from nbtrail.serving.scoring.bodies import Bodies, Busy
from nbtrail.serving.scoring.rows import RowReader, Rows
from nbtrail.serving.supervision.figures import Figures
from nbtrail.store import Store

THREADS = 4  # one that never comes back leaves others, until the worker is replaced
T = TypeVar("T")
logger = logging.getLogger(__name__)


class TooLate(NbtrailError):
    """A request that was not answered within its deadline."""

    error_code = "DEADLINE_EXCEEDED"
    http_status = 504


def kind_of(error: BaseException) -> type[NbtrailError]:
    """Return whose fault it is that a model raises: the data's, or its own."""
    own = not isinstance(error, Exception) or isinstance(error, MemoryError)
    return NbtrailError if own else BadRequest


class Scorer:
    """One model of an endpoint."""

    def __init__(self, uri: str, model: PyFuncModel) -> None:
        self.uri = uri
        self.model = model
        of_array = model.array_method()
        has_params = model.signature is not None and model.signature.params
        self.reader = (
            None if has_params else RowReader.of(model.signature, as_array=of_array is not None)
        )
        self._predict_table: Callable[[Any], Any] = partial(model.predict_enforced, params={})
        if of_array is not None and self.reader and self.reader.gives_arrays:
            self._predict_table = of_array
        self.batcher: Batcher[Rows, bytes] | None = None
        # What `predict` belongs to: a function tells its types.
        owner = getattr(model._predict, "__self__", None)
        self.function = owner if isinstance(owner, Function) else None

    def score(self, body: bytes, content_type: str | None) -> bytes:
        """Answer one invocation, the long way.

        Raises:
            BadRequest: the body cannot be read, or the model raised on what it says.
            InvalidValue: the data does not fit the model's signature.
            NbtrailError: the model wanted to end the process.
        """
        if self.function is not None and protocol.is_json(content_type):
            return protocol.answer(self._predict(protocol.rows_of(body), {}))
        request = protocol.parse(body, content_type, self.model.inputs)
        return protocol.answer(self.predict(request.data, request.params))

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict; raises as `score` does."""
        data, params = self.model.enforced(data, params)
        return self._predict(data, params)

    def _predict(self, data: Any, params: dict[str, Any]) -> Any:
        return self._told(self.model.predict_enforced, data, params)

    def _told(self, predict: Callable[..., Any], *arguments: Any) -> Any:
        """Predict; whatever the model raises is an answer."""
        try:
            return predict(*arguments)
        except Misfit:
            raise
        except BaseException as error:  # SystemExit, too, which would end the process
            logger.exception("The model raised.")
            kind = kind_of(error)
            raise kind(
                f"The model raised {type(error).__name__} on this input; the endpoint's log "
                "has more."
            ) from None

    def score_rows(self, rows: Rows) -> bytes:
        """Answer one request of plain rows."""
        assert self.reader is not None
        table = self.reader.table(rows)
        if table is None:  # its numbers do not fit: the long way says which
            return protocol.answer(self.predict(protocol.frame_of(self.reader.names, rows)))
        return protocol.answer(self._told(self._predict_table, table))

    def score_together(self, questions: list[Rows]) -> list[bytes | Exception]:
        """Answer several at once; each by itself if that fails, so that errors stay apart."""
        if len(questions) > 1:
            together = [row for rows in questions for row in rows]
            try:
                assert self.reader is not None
                table = self.reader.table(together)
                found = self._predict_table(table) if table is not None else None
                return _split(found, [len(rows) for rows in questions])
            except BaseException:  # SystemExit, too, which is one request's
                logger.debug("A batch failed; each by itself.", exc_info=True)
        return [_caught(self.score_rows, rows) for rows in questions]


class Service:
    """The models of one endpoint in one process, with what limits and counts requests.

    Args:
        name: of the endpoint.
        config: how it serves.
        served: the URIs of its models, aliases resolved.
        models: loaded, in the same order.
        told: returns what the supervisor told last of all workers.
    """

    def __init__(
        self,
        name: str,
        config: EndpointConfig,
        served: list[str],
        models: list[PyFuncModel],
        told: Callable[[], dict[str, Any]],
    ) -> None:
        self.told = told
        self.name = name
        self.config = config
        self.leaving = False
        self.in_flight = 0
        self.bodies = Bodies(config.max_body)
        self._figures = Figures()
        self._started: dict[int, float] = {}
        self._numbers = count()
        threads = 1 if config.batch_size > 1 else THREADS
        self._pool = ThreadPoolExecutor(THREADS, "nbtrail-predict")
        self._batch_pool = ThreadPoolExecutor(threads, "nbtrail-batch")
        self._shares = list(accumulate(one.weight for one in config.targets))
        self.scorers = [self._scorer(uri, model) for uri, model in zip(served, models, strict=True)]

    def _scorer(self, uri: str, model: PyFuncModel) -> Scorer:
        scorer = Scorer(uri, model)
        if self.config.batch_size > 1 and scorer.reader:
            scorer.batcher = Batcher(
                self._timed(scorer.score_together),
                self._batch_pool,
                self.config.batch_size,
                self.config.batch_wait_ms / 1000,
            )
        return scorer

    def warm_up(self, store: Store) -> None:
        """Let each model answer its own input example.

        Raises:
            EndpointError: one cannot.
        """
        for scorer in self.scorers:
            try:
                example = resolve(scorer.uri, store) / SERVING
                body = example.read_bytes() if example.is_file() else None
                if body:
                    scorer.score(body, None)
            except NbtrailError as error:
                raise EndpointError(
                    f"The model {scorer.uri} does not answer its own input example: {error}"
                ) from error

    def choose(self, sticky: str | None) -> Scorer:
        """Return the model that answers: by weight, or always the same for the same key."""
        if len(self.scorers) == 1:
            return self.scorers[0]
        whole = self._shares[-1]
        if sticky is None:
            point = random.random() * whole  # noqa: S311 - no secret
        else:
            point = zlib.crc32(sticky.encode()) / 2**32 * whole
        number = next(i for i, share in enumerate(self._shares) if point < share or share == whole)
        return self.scorers[number]

    async def invoke(self, scorer: Scorer, body: bytes, content_type: str | None) -> bytes:
        """Answer one invocation; raises as `Scorer.score` does."""
        plain = content_type is None or content_type == protocol.JSON
        rows = scorer.reader.read(body) if plain and scorer.reader else None
        if rows is None:
            return await self.in_thread(scorer.score, body, content_type)
        if scorer.batcher and len(rows) < self.config.batch_size:
            return await scorer.batcher.ask(rows)
        return await self.in_thread(scorer.score_rows, rows)

    async def in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in a thread, and know since when it runs."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._timed(function), *arguments)

    def later(self, function: Callable[[], object]) -> None:
        """Call a function in a thread, for nobody who waits."""
        self._pool.submit(self._timed(function))

    def _timed(self, function: Callable[..., T]) -> Callable[..., T]:
        def timed(*arguments: object) -> T:
            number = next(self._numbers)
            self._started[number] = time.monotonic()
            try:
                return function(*arguments)
            except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
                # In the thread of the event loop it would end the worker, and all its requests.
                raise NbtrailError(f"The model raised {type(error).__name__}.") from None
            finally:
                del self._started[number]

        return timed

    @asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        """Hold a request, from the first byte of its body on, to the endpoint's deadline.

        Raises:
            TooLate: it takes longer than it may.
        """
        try:
            async with asyncio.timeout(self.config.deadline_s):
                yield
        except TimeoutError:
            raise TooLate(
                f"The request was not answered within {self.config.deadline_s:g} s."
            ) from None

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place among the requests under way; who still sends their body needs none.

        Raises:
            Busy: there is none.
        """
        if self.in_flight >= self.config.max_queue:
            raise Busy("Too many requests are under way; try again in a moment.")
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def count(self, status: int, seconds: float) -> None:
        """Count one request."""
        self._figures.count(status, seconds * 1000)

    def beat(self) -> dict[str, Any]:
        """Return how it is, with what was counted since the last time."""
        figures, self._figures = self._figures, Figures()
        oldest = min(self._started.copy().values(), default=None)
        return {
            "in_flight": self.in_flight,
            "oldest": 0.0 if oldest is None else time.monotonic() - oldest,
            "figures": msgspec.to_builtins(figures, str_keys=True),
        }


def _split(found: Any, lengths: list[int]) -> list[bytes | Exception]:
    """Return the answers to requests of so many rows each.

    Raises:
        ValueError: the predictions are not one for each row.
    """
    if not hasattr(found, "__len__") or isinstance(found, dict) or len(found) != sum(lengths):
        raise ValueError("not one prediction for each row")
    part = found.iloc if hasattr(found, "iloc") else found
    ends = list(accumulate(lengths))
    return [
        protocol.answer(part[end - many : end]) for end, many in zip(ends, lengths, strict=True)
    ]


def _caught(function: Callable[[Rows], bytes], rows: Rows) -> bytes | Exception:
    try:
        return function(rows)
    except Exception as error:
        return error
