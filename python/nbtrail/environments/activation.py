"""What is set in a process so that it works in an environment, as its activation would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

_META = "conda-meta"
# What packages want done when their environment is activated.
_SCRIPTS = """
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do
    [ -e "$script" ] && . "$script" >/dev/null </dev/null
done
exec env -0
"""
_OF_THE_SHELL = {"_", "SHLVL", "PWD", "OLDPWD"}


def is_conda(environment: Path) -> bool:
    """Say whether conda, or one of its like, has made an environment."""
    return (environment / _META).is_dir()


def variables_of(environment: Path) -> dict[str, str]:
    """Return the variables that are to be set in what works in an environment."""
    found = f"{environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if not is_conda(environment):
        return {"PATH": found, "VIRTUAL_ENV": str(environment)}
    own = {
        **_of_its_state(environment),
        "PATH": found,
        "CONDA_PREFIX": str(environment),
        "CONDA_DEFAULT_ENV": str(environment),
        "CONDA_SHLVL": "1",
    }
    return own | _of_its_scripts(own)


def _of_its_state(environment: Path) -> dict[str, str]:
    """Return the `variables` of the file that an environment was made of."""
    try:
        state = json.loads((environment / _META / "state").read_bytes())
    except FileNotFoundError:
        return {}
    return {str(key): str(value) for key, value in state.get("env_vars", {}).items()}


def _of_its_scripts(own: dict[str, str]) -> dict[str, str]:
    """Return what the scripts of an environment's packages set."""
    given = os.environ | own
    bash = shutil.which("bash") or "/bin/sh"
    command = [bash, "-c", _SCRIPTS]
    printed = subprocess.run(  # noqa: S603 - what was installed there is executed there
        command, env=given, stdout=subprocess.PIPE, check=True
    ).stdout.decode("utf-8", "surrogateescape")
    pairs = (one.partition("=") for one in printed.split("\0") if one)
    return {
        key: value
        for key, _, value in pairs
        if given.get(key) != value and key not in _OF_THE_SHELL
    }
