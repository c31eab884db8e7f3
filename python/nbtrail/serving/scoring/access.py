"""Who may ask: the endpoint's own token, or an API key of which only a digest is kept."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from nbtrail.entities import EndpointKey, KeyScope

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "nbk_"
_DAY = 24 * 3600 * 1000  # ms


def new_key(name: str, scope: KeyScope, days: float | None) -> tuple[EndpointKey, str]:
    """Return a key and its secret, which nobody can find again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    now = int(time.time() * 1000)
    expires = None if days is None else now + int(days * _DAY)
    key = EndpointKey(f"k{secrets.token_hex(6)}", name, scope, digest(secret), now, expires)
    return key, secret


def digest(secret: str) -> str:
    """Return what is kept of a secret; it is random and long, so that no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Gate:
    """Answers 401 unless a request shows the token or a key; around the app: no route escapes."""

    def __init__(
        self, app: ASGIApp, token: str, keys: list[dict[str, Any]], is_open: bool = False
    ) -> None:
        self._app = app
        self._is_open = is_open
        self._token = f"Bearer {token}".encode()
        self.take_keys(keys)

    def take_keys(self, keys: list[dict[str, Any]]) -> None:
        """Let these keys in from now on, and no others."""
        known = msgspec.convert(keys, list[EndpointKey])
        self._keys = {one.digest: one for one in known}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may."""
        from nbtrail.serving.scoring.answers import refusal

        if scope["type"] != "http" or (allowed := self._allowed(scope)):
            await self._app(scope, receive, send)
        elif allowed is None and self._is_open:
            await refusal(403, "PERMISSION_DENIED", _STRANGE)(scope, receive, send)
        elif allowed is None:
            await refusal(401, "UNAUTHENTICATED", _HOW)(scope, receive, send)
        else:
            await refusal(403, "PERMISSION_DENIED", _LESS)(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool | None:
        """Say whether a request may; None if nobody knows who asks."""
        headers = dict(scope["headers"])
        shown: bytes = headers.get(b"authorization", b"")
        if hmac.compare_digest(shown, self._token):
            return True
        if self._is_open and _is_of_here(headers):
            return True
        secret = shown.removeprefix(b"Bearer ").decode("latin-1")
        key = self._keys.get(digest(secret)) if secret.startswith(PREFIX) else None
        if key is None or (key.expires is not None and key.expires < time.time() * 1000):
            return None
        return key.scope == "predict" or scope["method"] in {"GET", "HEAD"}


def _is_of_here(headers: dict[bytes, bytes]) -> bool:
    """Say whether a program asks that knows this machine's own address, and no web page.

    A browser sends whatever a page of anybody's asks it to: across origins, or to a name of the
    page's own that leads here.
    """
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin")
    name = urlsplit(f"//{host}").hostname if _HOST.fullmatch(host) else None
    return name is not None and is_loopback(name) and origin in {None, f"http://{host}".encode()}


def is_loopback(host: str) -> bool:
    """Say whether an address is one that only this machine reaches."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d+)?", re.ASCII)
_STRANGE = "Without a token, only programs that ask this machine by its own address are answered."
_HOW = "Send the endpoint's token, or an API key of it, as a bearer token."
_LESS = "This key may read and not predict."
