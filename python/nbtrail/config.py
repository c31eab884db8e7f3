"""Where the store is, the environment variables that say so, and a project's own settings.

The order is fixed in one place, `locate`; nothing here touches the disk but to look.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

STORE_NAME = ".nbtrail"
SWEEPS = "sweeps"
"""The folder of a store with one for each sweep, by the id of its run."""

TRACKING_URI = "NBTRAIL_TRACKING_URI"
SERVER_STORE = "NBTRAIL_SERVER_STORE"
SERVER_ROOT = "NBTRAIL_SERVER_ROOT"
EXPERIMENT = ("NBTRAIL_EXPERIMENT", "MLFLOW_EXPERIMENT_NAME")
EXPERIMENT_ID = ("MLFLOW_EXPERIMENT_ID",)
RUN_ID = ("NBTRAIL_RUN_ID", "MLFLOW_RUN_ID")
MLFLOWS_TRACKING_URI = "MLFLOW_TRACKING_URI"
SYSTEM_METRICS = ("NBTRAIL_SYSTEM_METRICS", "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING")
SYSTEM_METRICS_INTERVAL = (
    "NBTRAIL_SYSTEM_METRICS_INTERVAL",
    "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL",
)

FILES = ("NBTRAIL_FILES",)
JOBS_AT_ONCE = ("NBTRAIL_JOBS_AT_ONCE",)
TRUNCATE = ("NBTRAIL_TRUNCATE_LONG_VALUES", "MLFLOW_TRUNCATE_LONG_VALUES")

_NO = {"0", "false", "no", "off"}

Origin = Literal["argument", "environment", "ancestor", "server", "default", "untrusted"]


@dataclass(frozen=True)
class Location:
    """Where a store is (or will be), and why there."""

    uri: str
    origin: Origin


def locate(uri: str | os.PathLike[str] | None = None, start: Path | None = None) -> Location:
    """Say where the store is for someone who works in `start` (default: the current directory).

    The first that answers: the argument; ``NBTRAIL_TRACKING_URI``; the nearest ancestor
    ``.nbtrail/`` owned by this user; ``NBTRAIL_SERVER_STORE`` for those below the server's
    root; ``.nbtrail/`` in `start`. If that is there already, it is another user's, or no
    directory, and the origin says ``untrusted``.
    """
    start = (start or Path.cwd()).resolve()
    if uri:
        return Location(os.fspath(uri), "argument")
    if given := os.environ.get(TRACKING_URI):
        return Location(given, "environment")
    if ancestor := _nearest_store(start):
        return Location(str(ancestor), "ancestor")
    if server := _server_store(start):
        return Location(server, "server")
    default = start / STORE_NAME
    return Location(str(default), "untrusted" if default.exists() else "default")


def experiment_name() -> str | None:
    """Return the experiment that the environment asks for, if any."""
    return _first_set(EXPERIMENT)


def experiment_id() -> str | None:
    """Return the id of the experiment that the environment asks for, if any; a name beats it."""
    return _first_set(EXPERIMENT_ID)


def run_id() -> str | None:
    """Return the run that the environment asks this process to continue, if any."""
    return _first_set(RUN_ID)


def system_metrics() -> str | None:
    """Return what the environment says of recording system metrics, if anything."""
    return _first_set(SYSTEM_METRICS)


def system_metrics_interval() -> str | None:
    """Return how many seconds the environment wants between system metrics, if it says so."""
    return _first_set(SYSTEM_METRICS_INTERVAL)


def project_settings(start: Path | None = None) -> tuple[Path, dict[str, Any]] | None:
    """Return the nearest ``pyproject.toml`` upwards that has a ``[tool.nbtrail]``, and that table.

    Raises:
        ValueError: a file on the way is no TOML; its text says which.
    """
    for folder in _upwards((start or Path.cwd()).resolve()):
        path = folder / "pyproject.toml"
        if path.is_file() and _is_mine(path) and (found := _tool_table(path)) is not None:
            return path, found
    return None


def _tool_table(path: Path) -> dict[str, Any] | None:
    import tomllib

    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool")
    except ValueError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    found = tool.get("nbtrail") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else None


def keeps_files() -> bool:
    """Return whether the files that cells read and write are recorded, as far as is said here."""
    return (_first_set(FILES) or "true").lower() not in _NO


def jobs_at_once() -> str | None:
    """Return how many runs of jobs the environment wants to go on at once, if it says so."""
    return _first_set(JOBS_AT_ONCE)


def truncates_long_values() -> bool:
    """Return whether params and tags that are too long are cut, rather than refused."""
    return (_first_set(TRUNCATE) or "true").lower() not in _NO


def _first_set(names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := os.environ.get(name))), None)


def _nearest_store(start: Path) -> Path | None:
    """Return the nearest store upwards.

    A ``.nbtrail`` that another user planted in a shared folder is not trusted.
    """
    candidates = (folder / STORE_NAME for folder in _upwards(start))
    return next((one for one in candidates if one.is_dir() and _is_mine(one)), None)


def _upwards(start: Path) -> Iterator[Path]:
    """Yield a folder and those above it, up to the home directory or the file-system boundary."""
    home, device = Path.home(), start.stat().st_dev
    for folder in (start, *start.parents):
        if folder.stat().st_dev != device:
            return
        yield folder
        if folder == home:
            return


def _is_mine(path: Path) -> bool:
    return not hasattr(os, "getuid") or path.lstat().st_uid == os.getuid()


def _server_store(start: Path) -> str | None:
    store, root = os.environ.get(SERVER_STORE), os.environ.get(SERVER_ROOT)
    if not store or not Path(store).is_absolute():
        return None
    if root and not start.is_relative_to(Path(root).resolve()):
        return None
    return store
