"""The command `nbtrail` itself: its options, its subcommands, and how errors are told."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from nbtrail.cli import edits, text
from nbtrail.cli.artifacts import artifacts
from nbtrail.cli.backup import backup
from nbtrail.cli.datasets import datasets
from nbtrail.cli.diff import diff
from nbtrail.cli.doctor import doctor
from nbtrail.cli.endpoints import endpoints, serve
from nbtrail.cli.experiments import experiments
from nbtrail.cli.export import export
from nbtrail.cli.gc import gc
from nbtrail.cli.import_ import import_
from nbtrail.cli.jobs import jobs
from nbtrail.cli.models import models
from nbtrail.cli.reproduce import reproduce
from nbtrail.cli.run import run
from nbtrail.cli.runs import runs
from nbtrail.cli.schedule import schedule
from nbtrail.cli.sweep import sweep
from nbtrail.cli.trail import trail
from nbtrail.errors import ExecutionFailed, NbtrailError


class Mistake(click.ClickException):
    """A mistake of the user's, told in one sentence."""

    exit_code = 2


class Failure(click.ClickException):
    """A notebook that failed, told in one sentence."""

    exit_code = 1


class Commands(click.Group):
    """A group whose commands raise nbtrail's errors and the system's, never with a traceback."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the group's own options, of which --help and --version print."""
        with _in_one_sentence():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke a command; end with status 130 after ctrl-C, as shells do."""
        try:
            with _in_one_sentence():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    try:
        yield
    except ExecutionFailed as error:
        raise Failure(text.line(error)) from error
    except NbtrailError as error:
        raise Mistake(text.line(error)) from error
    except BrokenPipeError:
        raise  # click ends quietly: who read the output has seen enough
    except OSError as error:
        _drop_output()
        where = f": {text.cell(error.filename)}" if error.filename else ""
        raise Mistake(f"{error.strerror or text.line(error)}{where}") from error
    except UnicodeEncodeError as error:
        raise Mistake(f"'{text.cell(error.object)}' is not valid {error.encoding} text.") from error
    except sqlite3.Error as error:
        raise Mistake(f"The store cannot be used: {text.line(error)}.") from error


def _drop_output() -> None:
    """Forget what standard output did not take: Python would try once more as it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            sys.stdout.close()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=text.examples(
        "nbtrail run train.ipynb -P lr=0.1        run a notebook with other parameters",
        "nbtrail runs list --experiment train     list what was recorded",
        "nbtrail serve models:/wine/1             answer predictions over HTTP",
        'eval "$(_NBTRAIL_COMPLETE=bash_source nbtrail)"     complete commands, runs, experiments',
    ),
)
@click.option(
    "--store",
    metavar="PLACE",
    help="The store to work with: a directory, or sqlite:///file.db (else $NBTRAIL_TRACKING_URI, "
    "or the nearest .nbtrail/).",
)
@click.version_option(package_name="nbtrail")
def nbtrail(store: str | None) -> None:
    """Experiment tracking and the model lifecycle for notebooks."""
    if store:
        from nbtrail.tracking import place

        place.use(store)


for edit in edits.COMMANDS:
    runs.add_command(edit)
for command in (
    *(run, sweep, schedule, jobs, runs, trail, diff, reproduce),
    *(experiments, artifacts, datasets, models),
    *(serve, endpoints, import_, export, backup, doctor, gc),
):
    nbtrail.add_command(command)
