"""Endpoints: what is served, how, and by which revision of that."""

from __future__ import annotations

from typing import Literal

from nbtrail.entities.base import EndpointState, Record

RevisionState = Literal["starting", "moving", "live", "old", "failed"]
"""One that is moving is for a new supervisor alone, at another address."""
KeyScope = Literal["predict", "read"]
Env = Literal["local", "uv"]
Auth = Literal["token", "none"]


class EndpointTarget(Record, frozen=True):
    """One of the models that an endpoint serves; `weight` is its share of the requests."""

    model_uri: str
    weight: float = 1.0


class EndpointConfig(Record, frozen=True):
    """How an endpoint serves: what a revision of it consists of.

    `sticky` is the header whose value decides which target answers, `max_memory_mb` what a
    worker may use before it is replaced, `deadline_s` how long a request may take, `env` whose
    packages the workers import, `auth` what a request must show.
    """

    workers: int = 1
    batch_size: int = 1
    batch_wait_ms: float = 5.0
    max_queue: int = 256
    deadline_s: float = 60.0
    max_body: int = 64 * 1024 * 1024
    max_memory_mb: int | None = None
    sticky: str | None = None
    env: Env = "local"
    auth: Auth = "token"
    targets: list[EndpointTarget] = []


class EndpointRevision(Record, frozen=True):
    """One revision; `served` are its targets with their aliases resolved, once it is live."""

    revision: int
    config: EndpointConfig
    created: int
    user: str
    state: RevisionState
    error: str | None = None
    served: list[str] = []


class EndpointKey(Record, frozen=True):
    """An API key of an endpoint; its secret is kept by nobody but who was given it."""

    id: str
    name: str
    scope: KeyScope
    digest: str
    created: int
    expires: int | None = None


class Endpoint(Record, frozen=True):
    """A served model: a row in the store, so that any process of the user can find it.

    `pid` is the supervisor's; `token` is what the workers ask for; it never leaves the
    machine's user. `revision` is the one that answers.
    """

    name: str
    model_uri: str
    host: str
    port: int | None
    pid: int | None
    token: str
    state: EndpointState
    started: int
    error: str | None = None
    revision: int = 0

    def __repr__(self) -> str:
        """Show all but the token: what a cell displays is saved in the notebook."""
        shown = (f for f in self.__struct_fields__ if f != "token")
        return f"Endpoint({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
