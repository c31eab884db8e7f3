"""What is asked for beside what is to be run, in this process and told to another one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from nbtrail import config
from nbtrail.environments import conda, uv
from nbtrail.environments.uv import Packages
from nbtrail.errors import InvalidValue
from nbtrail.projects.mlprojects import mlproject, requirements
from nbtrail.projects.output import AS_USUAL, Delivery, checked_output
from nbtrail.projects.watch import Watch
from nbtrail.store import Store, open_store
from nbtrail.store.store import close_stores
from nbtrail.tracking import current_store

Environment = Literal["local", "uv", "conda", "docker"]


@dataclass(frozen=True)
class Asked:
    """What is asked for beside the target; see `targets.run`.

    `tags` are those of the run beside what every run has; `watch` is told how far it has come.
    `packages` are those of the environment, whatever `env` says.
    """

    parameters: Mapping[str, object] = field(default_factory=dict)
    env: Environment = "local"
    experiment: str | None = None
    run_name: str | None = None
    store: Store | None = None
    progress: bool = True
    files: bool = True
    delivery: Delivery = AS_USUAL
    tags: Mapping[str, str] = field(default_factory=dict)
    watch: Watch | None = None
    cache: bool = False
    resume: str | None = None
    parallel: int | None = None
    backend: str | Mapping[str, Any] | None = None
    packages: Packages | None = None

    def __post_init__(self) -> None:
        if self.env not in get_args(Environment):
            raise InvalidValue(
                f"The environment is local, uv, conda or docker, not {self.env!r:.40}."
            )
        if (seconds := self.delivery.timeout) is not None and seconds < 1:
            raise InvalidValue(f"A timeout is a whole number of seconds from 1, not {seconds}.")

    def environment(self, folder: Path) -> Path | None:
        """Return the environment that `folder` asks for, made now if it is not there yet."""
        if self.packages is not None:
            return uv.made(self.packages)
        match self.env:
            case "uv":
                return uv.made(requirements.packages_of(mlproject.load(folder)))
            case "conda":
                return conda.made(requirements.conda_of(mlproject.load(folder)))
        return None

    def refuse_of_notebooks(self, what: str) -> None:
        """Refuse for what is no notebook what only one has.

        Raises:
            InvalidValue: it is asked for.
        """
        for option, value in (("output", self.delivery.output), ("report", self.delivery.report)):
            if value:
                raise InvalidValue(f"{what}: only an executed notebook has a place for {option}.")

    def refuse_of_commands(self, what: str) -> None:
        """Refuse for a notebook what only a command has.

        Raises:
            InvalidValue: it is asked for.
        """
        if self.env == "docker":
            raise InvalidValue(f"{what} is a notebook: only a command runs in a container.")

    def delivery_of(self, notebook: Path) -> Delivery:
        """Return what is asked for beside a notebook's run; a path of it is made absolute.

        Raises:
            InvalidValue: nothing can be written there, or it is the notebook itself.
        """
        return replace(self.delivery, output=checked_output(self.delivery.output, notebook))

    @contextmanager
    def recording(self) -> Iterator[Store]:
        """Give the store to record in: one that is gone afterwards, if nothing is to be kept."""
        if self.delivery.records:
            yield self.store or current_store()
            return
        with tempfile.TemporaryDirectory(prefix="nbtrail-untracked-") as folder:
            try:
                yield open_store(Path(folder) / config.STORE_NAME)
            finally:
                close_stores(Path(folder))


def options_of(asked: Asked) -> dict[str, Any]:
    """Return what is asked for as JSON values, for another process; see `from_options`."""
    delivery = asked.delivery
    return {
        "parameters": dict(asked.parameters),
        "env": asked.env,
        "experiment": asked.experiment,
        "run_name": asked.run_name,
        "files": asked.files,
        "output": delivery.output,
        "report": delivery.report,
        "timeout": delivery.timeout,
        "tags": dict(asked.tags),
        "cache": asked.cache,
        "resume": asked.resume,
        "parallel": asked.parallel,
        "backend": asked.backend,
        "packages": asked.packages and vars(asked.packages),
    }


def from_options(options: Mapping[str, Any], store: Store, watch: Watch | None = None) -> Asked:
    """Return what another process has asked for; see `options_of`."""
    given = dict(options)
    delivery = Delivery(given.pop("output"), given.pop("report"), given.pop("timeout"))
    if packages := given.pop("packages", None):
        given["packages"] = Packages(**{**packages, "lines": tuple(packages["lines"])})
    return Asked(**given, store=store, progress=False, delivery=delivery, watch=watch)
