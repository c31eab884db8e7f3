"""``%track`` and ``%%track``: parse, call, show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from traitlets import Bool

from nbtrail import autolog, tracking
from nbtrail.entities import Run
from nbtrail.errors import NbtrailError, did_you_mean
from nbtrail.recorder import Recorder
from nbtrail.recorder.cell_magic import parse_options

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

HELP = """\
%track                            this help, and the status
%track on | off                   turn the recorder on or off
%track start [NAME] [-e EXPERIMENT]
                                  start a run; it lasts until '%track end'
%track end                        end the current run
%track status                     what is being recorded, and where
%track list [EXPERIMENT]          the latest runs of this store
%%track [NAME] [-e EXPERIMENT]    as a cell's first line: the cell is a run by itself

Examples:  %track start baseline -e wine     %%track "deeper tree\""""


class NbTrail(Magics):
    """Configuration of nbtrail in IPython: ``c.NbTrail.auto = False``."""

    auto = Bool(True, help="Record from the moment of '%load_ext nbtrail' on.").tag(config=True)


@magics_class
class TrackMagics(NbTrail):
    """The magics of one shell."""

    def __init__(self, shell: InteractiveShell, recorder: Recorder) -> None:
        super().__init__(shell)
        self._recorder = recorder
        self._commands: dict[str, Callable[[str], None]] = {
            "on": self._on,
            "off": self._off,
            "start": self._start,
            "end": self._end,
            "status": self._status,
            "list": self._list,
            "help": self._help,
        }

    @line_cell_magic
    def track(self, line: str, cell: str | None = None) -> None:
        """Record runs; ``%track`` alone shows what it can do."""
        try:
            if cell is not None:
                # A line without a mistake never comes here: the recorder took it off.
                parse_options(line)
                raise UsageError("%%track must be the first line of a cell, with the recorder on.")
            word, _, rest = line.strip().partition(" ")
            self._command(word)(rest.strip())
        except NbtrailError as error:
            raise UsageError(str(error)) from None

    def _command(self, word: str) -> Callable[[str], None]:
        if not word:
            return self._help
        if word not in self._commands:
            raise UsageError(
                f"%track knows no '{word}'.{did_you_mean(word, self._commands)} "
                "'%track' alone shows what there is."
            )
        return self._commands[word]

    def complete(self, _shell: InteractiveShell, event: object) -> list[str]:
        """Complete the subcommand."""
        text = str(getattr(event, "line", ""))
        return list(self._commands) if len(text.split()) <= 2 else []

    def _on(self, line: str) -> None:
        _no_arguments("on", line)
        self._recorder.enabled = True
        autolog.switch()
        print("nbtrail records from the next cell on.")

    def _off(self, line: str) -> None:
        _no_arguments("off", line)
        self._recorder.enabled = False
        autolog.switch(disable=True)
        print("nbtrail is off. '%track on' turns it on again.")

    def _start(self, line: str) -> None:
        options = parse_options(line)
        current = tracking.active_run()
        if current is not None and current.kind == "explicit" and not current.borrowed:
            current.end()
            print(f"nbtrail ended the run {current.name}.")
        experiment = options.experiment
        store = tracking.current_store()
        run = tracking.start_run(
            run_name=options.name,
            experiment_id=store.experiments.ensure(experiment).experiment_id
            if experiment
            else None,
        )
        print(f"nbtrail started the run {run.name}. '%track end' ends it.")

    def _end(self, line: str) -> None:
        _no_arguments("end", line)
        current = tracking.active_run()
        if current is None:
            raise UsageError("There is no run to end. '%track start' starts one.")
        if current.borrowed:
            raise UsageError(f"'nbtrail run' started the run {current.name}, and will end it.")
        current.end()
        print(f"nbtrail ended the run {current.name}.")

    def _status(self, line: str) -> None:
        _no_arguments("status", line)
        current = tracking.active_run()
        print(f"nbtrail is {'on' if self._recorder.enabled else 'off'}.")
        print(f"Store: {tracking.place.uri}")
        print(f"Cells on the session trail: {len(self._recorder.session.executions)}")
        if current is None:
            print("Run: none yet. A metric, a fitted model or a log_… call opens one.")
        else:
            print(f"Run: {current.name} ({current.kind}, {current.run_id})")

    def _list(self, line: str) -> None:
        store = tracking.place.existing_store()
        if store is None:
            print(f"No runs yet: there is no store at {tracking.place.uri}.")
            return
        store.drain()
        named = parse_options(line).name
        ids = [store.experiments.named(named).experiment_id] if named else []
        runs, more = store.runs.search(ids or None, max_results=20)
        if not runs:
            print("No runs yet. A metric, a fitted model or a log_… call opens one.")
            return
        width = max(len(run.info.run_name) for run in runs)
        for run in runs:
            print(f"{run.info.run_name:<{width}}  {run.info.status:<9} {_metrics(run)}")
        if more:
            print("… and older ones: nbtrail.runs() shows them all.")

    def _help(self, line: str) -> None:
        print(HELP)
        print()
        self._status(line)


def _metrics(run: Run) -> str:
    return "  ".join(f"{key}={value:.4g}" for key, value in list(run.data.metrics.items())[:4])


def _no_arguments(command: str, line: str) -> None:
    if line:
        raise UsageError(f"'%track {command}' takes no arguments, but got '{line}'.")
