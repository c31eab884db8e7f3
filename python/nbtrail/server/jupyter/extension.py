"""What the extension owns, from the start of the server to its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import cast

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from nbtrail import config
from nbtrail.api import Context
from nbtrail.server.jupyter import restarting, scheduler
from nbtrail.server.jupyter.endpoints import EndpointHandler, Upstream
from nbtrail.server.jupyter.handlers import ApiHandler, NbtrailHandler
from nbtrail.server.jupyter.watcher import StoreWatcher
from nbtrail.store import trusted

EVENT = "https://nbtrail.dev/events/store-changed/v1"
_SCHEMA = Path(__file__).parent / "events" / "store-changed-v1.yaml"
_REQUEST_THREADS = 4


class NbtrailExtension(ExtensionApp):
    """Binds the API to this server, for the store that its root directory leads to."""

    name = "nbtrail"
    description = "Experiment tracking and the model lifecycle for notebooks"
    _work: Sequence[asyncio.Task[None]] = ()

    def initialize_settings(self) -> None:
        """Find the store, tell the kernels, and make what the handlers share."""
        self.executor = ThreadPoolExecutor(_REQUEST_THREADS, "nbtrail-request")
        server = cast("ServerApp", self.serverapp)
        root = Path(server.root_dir).resolve()
        self.context = Context(_store_uri(root), server.base_url, root)
        self.upstream = Upstream(self.context)
        self._events = cast("EventLogger", server.event_logger)
        self._events.register_event_schema(_SCHEMA)
        os.environ[config.SERVER_ROOT] = str(root)
        os.environ[config.SERVER_STORE] = self.context.store_uri

    def initialize_handlers(self) -> None:
        """Bind everything below ``nbtrail/``; what is no route is a JSON 404."""
        self.handlers.extend(
            [
                self._rule("nbtrail/api/", ".*", ApiHandler),
                self._rule("nbtrail/endpoints/", ".*", EndpointHandler, upstream=self.upstream),
                self._rule("nbtrail", "(?:/.*)?", NbtrailHandler),
            ]
        )

    def _rule(
        self, path: str, rest: str, handler: type[NbtrailHandler], **own: object
    ) -> tuple[str, type[NbtrailHandler], dict[str, object]]:
        prefix = url_path_join(self.context.base_url, path)
        shared = {"prefix": prefix, "context": self.context, "executor": self.executor}
        return f"/{path}{rest}", handler, shared | own

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Watch the store from now on, and execute what is scheduled."""
        watcher = StoreWatcher(self.context, self._emit, self.executor, serverapp.log)
        scheduling = scheduler.run(self.context, self.executor, serverapp.log)
        reviving = restarting.run(self.context, serverapp.log)
        self._work = [asyncio.create_task(one) for one in (watcher.run(), scheduling, reviving)]

    async def stop_extension(self) -> None:
        """Stop watching, executing and answering."""
        for task in self._work:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.upstream.pool.close()
        self.executor.shutdown(wait=False, cancel_futures=True)

    def _emit(self, version: int) -> None:
        data = {"store": self.context.store_uri, "version": version}
        self._events.emit(schema_id=EVENT, data=data)


def _store_uri(root: Path) -> str:
    """Return the store's URI, absolute where it is a path."""
    uri = trusted(config.locate(start=root))
    return uri if "://" in uri else str(Path(uri).expanduser().absolute())
