"""Who says something of a run's context: those built in, and plugins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from nbtrail.store.keys import check_key
from nbtrail.tracking.context.git import Git
from nbtrail.tracking.context.machine import Hardware, System
from nbtrail.tracking.context.packages import Packages
from nbtrail.tracking.context.program import Program
from nbtrail.tracking.failures import report

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "nbtrail.run_context_provider"


class RunContextProvider(Protocol):
    """Says something of how, where or with what a run runs.

    A package names its class (called without arguments) in the entry point group
    ``nbtrail.run_context_provider``. Providers are asked in a background thread when a run
    starts, and may take a second; one that fails is told of once and left out.

    Attributes:
        name: the kind under which a run keeps the document, such as ``slurm``.
        lifetime: for how many seconds what it said holds for the runs that follow in this
            process; ``math.inf`` if for good, 0 to be asked for every run.
    """

    name: str
    lifetime: float

    def document(self) -> Mapping[str, Any] | None:
        """Return what there is to say, JSON-representable; None if there is nothing."""

    def tags(self) -> Mapping[str, str]:
        """Return tags for the run, called right after `document`. The user's own tags win."""


@cache
def built_in() -> list[RunContextProvider]:
    """Return the providers that nbtrail has."""
    return [Program(), System(), Packages(), Hardware(), Git()]


@cache
def plugins() -> list[RunContextProvider]:
    """Return the providers that other packages have, made once in this process."""
    from importlib.metadata import entry_points

    found = (_made(point) for point in entry_points(group=GROUP))
    return [provider for provider in found if provider is not None]


def _made(point: EntryPoint) -> RunContextProvider | None:
    try:
        provider: RunContextProvider = point.load()()
        check_key(provider.name, "context")
        float(provider.lifetime)
    except Exception:
        report(f"the run context of the plugin '{point.name}'")
        return None
    return provider
