"""Every command explains itself, quickly, with an example."""

import subprocess
import sys

import click
import pytest

import nbtrail
from nbtrail.cli import main

HEAVY = (
    "IPython",
    "jupyterlab",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
    "sklearn",
    "starlette",
)


def commands(group, path=()):
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_help(invoke, path):
    result = invoke(*path, "--help")
    assert result.exit_code == 0
    is_group = "COMMAND [ARGS]" in result.stdout
    assert is_group or f"nbtrail {' '.join(path)}" in result.stdout.partition("Examples:")[2]


def test_version(invoke):
    assert invoke("--version").stdout == f"nbtrail, version {nbtrail.__version__}\n"


def test_help_loads_nothing_heavy():
    code = (
        "import sys, nbtrail.cli\n"
        "nbtrail.cli.main(['run', '--help'], standalone_mode=False)\n"
        f"print('loaded:', *set({HEAVY!r}) & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1].split() == ["loaded:"]
