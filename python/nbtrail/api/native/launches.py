"""What is asked to be launched, and where: a notebook or a project, here or elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.data.source import without_credentials
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects import sources
from nbtrail.projects.asked import Asked, Environment
from nbtrail.projects.backends import About, described
from nbtrail.projects.notebooks import forms
from nbtrail.projects.notebooks.folder import Folder
from nbtrail.projects.notebooks.forms import Form
from nbtrail.projects.output import Delivery

Seconds = Annotated[int, msgspec.Meta(ge=1)] | None


class Target(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is meant: a notebook's path below the server's root, or a project.

    `project` is a directory below the server's root, or the address of a git repository.
    """

    notebook: str | None = None
    project: str | None = None
    entry_point: str | None = None
    version: str | None = None


class Launch(Target, forbid_unknown_fields=True, kw_only=True):
    """A target, and how it is executed once."""

    parameters: dict[str, Any] = {}
    experiment: str | None = None
    name: str | None = None
    env: Environment = "local"
    backend: dict[str, Any] | None = None
    timeout: Seconds = None

    def is_plain(self) -> bool:
        """Say whether it is a notebook that is executed here, as it would be in JupyterLab."""
        return self.project is None and self.backend is None and self.env == "local"


def place_of(context: Context, target: Target) -> str:
    """Return what a target names: an absolute path, or the address of a repository.

    Raises:
        InvalidValue: it names nothing, or two, or leads out of the server's root.
        NotFound: it is not there.
    """
    if (target.notebook is None) == (target.project is None):
        raise InvalidValue("Name a notebook or a project, and not both.")
    if target.notebook is not None:
        for option in ("entry_point", "version"):
            if getattr(target, option) is not None:
                raise InvalidValue(f"Only a project has a {option}.", field=option)
        return str(folder_of(context).notebook(target.notebook))
    assert target.project is not None
    if sources.is_git(target.project):
        return target.project
    path, mark, inside = target.project.partition("#")
    directory = folder_of(context).directory(path.removesuffix("/"))
    return f"{directory}{mark}{inside}"


def asked(context: Context, launch: Launch, place: str) -> Asked:
    """Return what is asked for beside the target."""
    named = launch.experiment
    if named is None and launch.notebook is not None:
        named = os.path.basename(place).removesuffix(".ipynb")  # noqa: PTH119 - a text
    return Asked(
        parameters=launch.parameters,
        env=launch.env,
        experiment=named,
        run_name=launch.name,
        store=context.new_store(),
        progress=False,
        backend=launch.backend,
        delivery=Delivery(timeout=launch.timeout),
    )


def form(context: Context, request: Request) -> Form:
    """``POST projects/parameters``: the repository of a git address is fetched for it."""
    target = request.body_as(Target)
    place = place_of(context, target)
    if target.project is None:
        raise InvalidValue("Name a project.")
    shown = without_credentials(target.project)
    return forms.of_project(place, target.entry_point, target.version, shown)


class Backends(msgspec.Struct):
    """Where something can be executed."""

    backends: list[About]


def where(_context: Context, _request: Request) -> Backends:
    """``GET backends``."""
    return Backends(described())


def shown(context: Context, place: object) -> str | None:
    """Return how the place of a job's project is known here; None if it is elsewhere."""
    text = str(place or "")
    if sources.is_git(text):
        return without_credentials(text)
    return Folder(context.root).relative(text) if context.root and text else None


def named(context: Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a task was asked for, as a `Launch` has it, but for its parameters."""
    target = shown(context, options.get("target"))
    kind = "notebook" if str(target).endswith(".ipynb") else "project"
    names = ("entry_point", "version", "env", "backend", "timeout")
    given = {name: options.get(name) for name in names} | {kind: target}
    return {name: value for name, value in given.items() if value not in (None, "local")}


def folder_of(context: Context) -> Folder:
    """Return the folder whose notebooks this server shows.

    Raises:
        NotFound: it shows none.
    """
    if context.root is None:
        raise NotFound("This server shows no notebooks: ask a Jupyter server.")
    return Folder(context.root)
