"""What can be configured: ``c.NbTrail.…`` in IPython, ``[tool.nbtrail]`` in a pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from IPython.core.magic import Magics
from traitlets import Bool, Dict, Int, List, TraitError, Unicode

from nbtrail import autolog, config, tracking
from nbtrail.autolog import switching
from nbtrail.autolog.options import BESIDES
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.recorder import Recorder
from nbtrail.recorder.cell_outputs import Limits
from nbtrail.recorder.cells import Cells
from nbtrail.recorder.files import FileLimits
from nbtrail.tracking.failures import tell_once
from nbtrail.trail.rules import Rules

SAID = ["quiet", "ignore", "params", "metrics", "metric_words"]
LIMITS = [
    *("files", "file_limit", "files_limit", "table_rows"),
    *("output_limit", "outputs_limit"),
]


class NbTrail(Magics):
    """Configuration of nbtrail in IPython: ``c.NbTrail.auto = False``."""

    auto = Bool(True, help="Record from the moment of '%load_ext nbtrail' on.").tag(config=True)
    quiet = Bool(False, help="Show no line after a cell.").tag(config=True)
    experiment = Unicode("", help="Where runs go; else the notebook's name.").tag(config=True)
    autolog = Bool(True, help="Record the models that are fitted.").tag(config=True)
    autolog_options = Dict(help="The arguments of 'nbtrail.autolog'.").tag(config=True)
    metric_words = List(Unicode(), help="More words that make a name a metric's.").tag(config=True)
    metrics = List(Unicode(), help="Names that are always metrics.").tag(config=True)
    params = List(Unicode(), help="Names that are always params.").tag(config=True)
    files = Bool(True, help="Keep the files that cells read and write.").tag(config=True)
    file_limit = Int(10_000_000, min=0, help="Bytes of one file.").tag(config=True)
    files_limit = Int(200_000_000, min=0, help="Bytes of a run's files.").tag(config=True)
    table_rows = Int(200, min=0, help="Rows of a table that is shown.").tag(config=True)
    output_limit = Int(5_000_000, min=1000, help="Characters of an output.").tag(config=True)
    outputs_limit = Int(100_000_000, min=0, help="Characters of a run's outputs.").tag(config=True)
    ignore = List(Unicode(), help="Names that are never recorded.").tag(config=True)

    def read_project(self) -> None:
        """Take what the nearest pyproject.toml says; a mistake in it is told, and left out."""
        try:
            found = config.project_settings()
        except (OSError, ValueError) as error:
            tell_once(f"nbtrail: {error}")
            return
        if found is not None:
            path, settings = found
            for name, value in settings.items():
                self._set(path, name.replace("-", "_"), value)

    def _set(self, path: Path, name: str, value: object) -> None:
        known = NbTrail.class_own_traits(config=True)
        if name not in known:
            close = did_you_mean(name, known)
            tell_once(f"nbtrail: [tool.nbtrail] in {path} has no '{name}'.{close}")
            return
        try:
            setattr(self, name, value)
        except TraitError as error:
            tell_once(f"nbtrail: '{name}' of [tool.nbtrail] in {path} is left out: {error}")

    def apply_to(self, recorder: Recorder) -> None:
        """Have a recorder, and autolog, do as is configured."""
        self._say(recorder)
        self._limit(recorder.cells)
        self.observe(lambda _: self._say(recorder), SAID)  # %config
        self.observe(lambda _: self._limit(recorder.cells), LIMITS)
        if self.experiment:
            tracking.place.default_experiment = self.experiment
        self.switch(recorder, self.auto)

    def _say(self, recorder: Recorder) -> None:
        recorder.quiet = self.quiet
        recorder.cells.rules.everywhere = Rules(
            ignore=self.ignore,
            params=self.params,
            metrics=self.metrics,
            metric_words=[word.lower() for word in self.metric_words],
        )

    def _limit(self, cells: Cells) -> None:
        cells.files.enabled = self.files and config.keeps_files()
        cells.files.limits = FileLimits(self.file_limit, self.files_limit)
        cells.tables.rows = self.table_rows
        cells.outputs.limits = Limits(self.output_limit, self.outputs_limit)

    def switch(self, recorder: Recorder, on: bool) -> None:
        """Turn a recorder on or off, and autolog with it as is configured."""
        recorder.cells.enabled = on
        recorder.cells.rules.turn(on=on)
        autolog.switch(disable=True)
        if on and self.autolog:
            self._start_autolog()

    def _start_autolog(self) -> None:
        options = vars(BESIDES) | self.autolog_options
        excluded = options.pop("exclude_flavors", ())
        try:
            frameworks = switching.WATCHED.keys() - switching.known(excluded)
            switching.configure(frameworks, False, options)
        except InvalidValue as error:
            tell_once(f"nbtrail: autolog_options: {error}")
            autolog.switch()
