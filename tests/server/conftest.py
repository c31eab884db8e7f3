"""A real Jupyter server with the extension as it is installed, under a base URL of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPResponse

from nbtrail import config
from nbtrail.server import jupyter
from nbtrail.store import Store, open_store

CONFIG = Path(jupyter.__file__).with_name("config.json")

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget afterwards what the extension exports to its kernels."""
    for name in (config.SERVER_STORE, config.SERVER_ROOT):
        monkeypatch.setenv(name, "")


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return json.loads(CONFIG.read_text())


@pytest.fixture
def fetch(http_server_client: Any, jp_serverapp: ServerApp) -> Fetch:
    """Return a function that sends a path as it is (`jp_fetch` would encode it)."""

    def send(path: str, *, token: bool = True, **options: Any) -> Awaitable[HTTPResponse]:
        headers = options.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {jp_serverapp.identity_provider.token}"
        return http_server_client.fetch(
            f"/a%40b/{path}",
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            allow_nonstandard_methods=True,
            **options,
        )

    return send


@pytest.fixture
def server_store(jp_root_dir: Path) -> Store:
    """Return the store that the server shows."""
    return open_store(jp_root_dir / config.STORE_NAME)


@pytest.fixture
def events(jp_serverapp: ServerApp, jp_asyncio_loop: Any) -> list[dict[str, Any]]:
    """Start the extension's background work, and collect the events that it emits."""
    seen: list[dict[str, Any]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        seen.append({"schema_id": schema_id, **data})

    schema_id = "https://nbtrail.dev/events/store-changed/v1"
    jp_serverapp.event_logger.add_listener(schema_id=schema_id, listener=listen)
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    return seen
