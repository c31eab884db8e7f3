"""The other trackers, each in an environment of its own, so that they do not meet."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ROOT

FOLDER = ROOT / ".venv" / "peers"


@dataclass(frozen=True)
class Peer:
    """What pip installs, and its share of nbtrail's work: some are a thousand times slower."""

    requirements: tuple[str, ...]
    pace: float


PEERS = {
    "mlflow": Peer(("mlflow-skinny", "sqlalchemy", "alembic", "pandas"), 0.001),
    "trackio": Peer(("trackio",), 0.1),
    "aim": Peer(("aim",), 0.01),
    "wandb": Peer(("wandb",), 0.01),
}


def python(name: str) -> Path:
    """Return the interpreter of a peer's environment."""
    return FOLDER / name / "bin" / "python"


def is_installed(name: str) -> bool:
    """Say whether a peer's environment is whole."""
    return (FOLDER / name / "installed").exists()


def installed() -> dict[str, Path]:
    """Return the interpreters of the peers that are there."""
    return {name: python(name) for name in PEERS if is_installed(name)}


def install(wanted: dict[str, Peer] = PEERS) -> None:
    """Install what is missing; what cannot be installed is told and left out."""
    for name, peer in wanted.items():
        if is_installed(name):
            continue
        print(f"Installing {name} into {FOLDER.relative_to(ROOT) / name}…", file=sys.stderr)
        make = ["sh", str(ROOT / "scripts" / "make-venv"), str(FOLDER / name)]
        pip = [str(python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        try:
            subprocess.run(make, check=True)
            subprocess.run([*pip, *peer.requirements], check=True)
            (FOLDER / name / "installed").touch()
        except (OSError, subprocess.CalledProcessError):
            print(f"{name} cannot be installed here; the table goes without it.", file=sys.stderr)


def version(name: str) -> str:
    """Return which version of a peer is measured."""
    package = PEERS[name].requirements[0]
    code = f"from importlib.metadata import version; print(version('{package}'))"
    shown = subprocess.run([python(name), "-c", code], capture_output=True, text=True, check=True)
    return shown.stdout.strip()
