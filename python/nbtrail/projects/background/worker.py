"""The process of one run of a job: ``-m nbtrail.projects.background.worker --store … --job …``.

Standard error is the job's log, standard input a pipe whose other end the supervisor holds.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import re
import signal
import sys
import time
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

from nbtrail.entities import Job, JobRun, JobState, RunInfo
from nbtrail.errors import NbtrailError
from nbtrail.projects.asked import from_options
from nbtrail.projects.background import jobs
from nbtrail.projects.background.lifeline import Lifeline
from nbtrail.projects.finding import found
from nbtrail.projects.notebooks import execution
from nbtrail.projects.notebooks.execution import Plan
from nbtrail.projects.reproduction import reproduce, reruns
from nbtrail.startup import skip_iri_grammar
from nbtrail.store import Store, job_rows, open_store
from nbtrail.trail.text import first_line

MOST_LOGGED = 10 * 1024 * 1024  # bytes of a job's log
_LONGEST_NAME = 490  # characters of a run's name before its number
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
_log = logging.getLogger("nbtrail.projects.background.worker")


@dataclass(frozen=True)
class Work:
    """One run of a job, which is this process's to execute. It is its own `Watch`."""

    store: Store
    job: Job
    run: JobRun

    def execute(self) -> None:
        """Execute it, and record how it ended, in the store and in the log."""
        state, error = self._ending()
        note = f": {error}" if error else ""
        _log.info("%s%s", state, note)
        self.store.jobs.end(self.job.job_id, self.run.position, os.getpid(), state, error)

    def run_begun(self, run_id: str) -> None:
        """Note which run it is."""
        self.store.runs.set_tags(run_id, {jobs.TAG: self.job.job_id})
        self._note(run=run_id)
        given = ", ".join(f"{name}={value}" for name, value in self.run.parameters.items())
        _log.info("run %s%s", run_id, f" with {given}" if given else "")

    def cell_begun(self, number: int, total: int, source: str) -> None:
        """Note how far it has come; a store that is in use just now stops no cell."""
        line = first_line(source)
        _log.info("cell %s of %s: %s", number, total, line)
        self._note_progress(cells_done=number - 1, cells_total=total, cell=line)

    def trials_ended(self, done: int, total: int | None, best: str | None) -> None:
        """Note how far a sweep has come."""
        _log.info("%s of %s trials%s", done, total, f", {best}" if best else "")
        self._note_progress(cells_done=done, cells_total=total, outcome=best)

    def _note_progress(self, **progress: object) -> None:
        try:
            self._note(**progress)
        except NbtrailError as error:
            _log.warning("The progress could not be noted: %s", error)

    def _note(self, **progress: object) -> None:
        self.store.jobs.note(self.job.job_id, self.run.position, os.getpid(), **progress)

    def _ending(self) -> tuple[JobState, str | None]:
        error: str | None = None
        try:
            match self.job.kind:
                case "reproduction":
                    error = self._reproduced()
                case "project":
                    error = self._run_project()
                case "sweep":
                    self._swept()
                case _:
                    error = self._executed()
        except KeyboardInterrupt:
            return ("failed", job_rows.DIED) if lifeline.is_cut else ("stopped", None)
        except NbtrailError as mistake:
            return "failed", str(mistake)
        except Exception as mistake:
            _log.exception("This should not have happened.")
            return "failed", f"{type(mistake).__name__}: {mistake}"
        return ("failed", error) if error else ("finished", None)

    def _executed(self) -> str | None:
        plan, info = self._created()
        execution.execute(plan, self.store, info, progress=False, watch=self)
        total = self.store.jobs.run(self.job.job_id, self.run.position).cells_total
        self._note(cells_done=total or 0)
        return None

    def _run_project(self) -> str | None:
        """Execute what was found and checked where the job was asked for."""
        options = dict(self.job.options) | {"parameters": self.run.parameters}
        os.chdir(options.pop("directory"))
        where = [options.pop(name) for name in ("target", "entry_point", "version")]
        with redirect_stdout(_Told()), found(from_options(options, self.store, self), *where) as it:
            it.execute()
        total = self.store.jobs.run(self.job.job_id, self.run.position).cells_total
        self._note(cells_done=total or 0)
        return None

    def _swept(self) -> None:
        """Search for the best parameters, or go on with that."""
        from nbtrail.projects.sweeps import background

        background.work_off(self.job, self.store, self)

    def _created(self) -> tuple[Plan, RunInfo]:
        job, store, given = self.job, self.store, self.run.parameters
        if job.kind == "rerun":
            return reruns.created(store, store.runs.get(str(job.target)), given, self._name())
        plan = execution.planned(Path(str(job.notebook)), given)
        plan = replace(plan, files=job.options.get("files", True))
        experiment_id = store.experiments.ensure(str(job.experiment)).experiment_id
        return plan, execution.create_run(store, plan, experiment_id, self._name()).info

    def _name(self) -> str | None:
        name: str | None = self.job.options.get("run_name")
        several = sum(self.job.counts.values()) > 1
        return f"{name[:_LONGEST_NAME]} {self.run.position}" if name and several else name

    def _reproduced(self) -> str | None:
        """Return why the run could not be executed once more, if so."""
        target, options = str(self.job.target), self.job.options
        with redirect_stdout(_Told()):
            found = reproduce.reproduce(
                target, **options, store=self.store, progress=False, watch=self
            )
        total = self.store.jobs.run(self.job.job_id, self.run.position).cells_total
        self._note(cells_done=total or 0, outcome=found.outcome)
        reasons = (one.reason for one in found.attempts if one.outcome == "could not run")
        return next(reasons, None)


lifeline = Lifeline()


class _Lines(logging.Handler):
    """Writes what is told to standard error, in whole lines without what could steer a terminal."""

    def __init__(self, prefix: str) -> None:
        super().__init__(logging.INFO)
        self._prefix = prefix
        self._is_full = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message, as long as the log is not too long."""
        if self._is_full:
            return
        moment = time.strftime("%H:%M:%S", time.localtime(record.created))
        self._is_full = os.fstat(2).st_size > MOST_LOGGED
        message = (
            "The log is full; what follows is left out." if self._is_full else self.format(record)
        )
        lines = [
            f"{moment} {self._prefix}{_clean(line)}\n" for line in message.rstrip().split("\n")
        ]
        os.write(2, "".join(lines).encode("utf-8", "backslashreplace"))


class _Told(io.TextIOBase):
    """Passes on, line by line, what a command prints."""

    def __init__(self) -> None:
        self._begun = ""

    def write(self, text: str) -> int:
        """Take some text."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            _log.info("%s", line)
        return len(text)


def _clean(line: str) -> str:
    """Return a line as it would be seen: a progress bar that was redrawn is drawn once."""
    shown = _ESCAPE.sub("", line.rstrip("\r").rpartition("\r")[2])
    return "".join(one if one.isprintable() or one == "\t" else "?" for one in shown)


def _write_log(prefix: str) -> None:
    logger = logging.getLogger("nbtrail")
    logger.addHandler(_Lines(prefix))
    logger.setLevel(logging.INFO)
    logger.propagate = False


def main(arguments: list[str] | None = None) -> None:
    """Execute one run of a job."""
    parser = argparse.ArgumentParser(prog="nbtrail.projects.background.worker")
    parser.add_argument("--store", required=True)
    parser.add_argument("--job", required=True)
    parser.add_argument("--position", required=True, type=int)
    options = parser.parse_args(arguments)
    skip_iri_grammar()
    # A server that a shell started in the background ignores ctrl-C, and so would we.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    store = open_store(options.store, create=False)
    if not store.jobs.claim(options.job, options.position, os.getpid()):
        sys.exit("This run is not to be executed any more.")
    lifeline.start()
    job = store.jobs.get(options.job)
    count = sum(job.counts.values())
    _write_log(f"[{options.position}/{count}] " if count > 1 else "")
    Work(store, job, store.jobs.run(options.job, options.position)).execute()


if __name__ == "__main__":
    main()
