"""A pipeline while it runs: each execution of a step in a process of its own, as soon as it can."""

from __future__ import annotations

import queue
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import RunInfo
from nbtrail.errors import NbtrailError
from nbtrail.projects.pipelines import digests
from nbtrail.projects.pipelines.memory import Known
from nbtrail.projects.pipelines.parts import (
    DONE,
    FILE,
    KEY,
    PARENT,
    STEP,
    Part,
    as_json,
    drawn,
)
from nbtrail.projects.pipelines.planning import Pipeline, Stage, at_home
from nbtrail.projects.pipelines.process import Result, StepProcess
from nbtrail.projects.pipelines.results import Results
from nbtrail.projects.watch import Watch
from nbtrail.store import Store

_PERIOD = 1.0  # seconds after which a wait is begun anew: it hears of ctrl-C in any case


@dataclass(frozen=True)
class Conduct:
    """How a pipeline runs: the options of its steps, and what need not be done again."""

    options: Mapping[str, Any]
    environment: str
    parallel: int
    known: tuple[Known, ...] = ()
    shows: bool = True
    watch: Watch | None = None


@dataclass
class Runner:
    """Runs the steps of one pipeline as children of one run."""

    store: Store
    info: RunInfo
    pipeline: Pipeline
    conduct: Conduct
    parts: list[Part] = field(default_factory=list)
    _waiting: list[tuple[Stage, Part]] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)
    _processes: dict[str, StepProcess] = field(default_factory=dict)
    _ended: queue.Queue[tuple[Part, Result]] = field(default_factory=queue.Queue)
    _digests: dict[tuple[Path, tuple[str, ...]], str] = field(default_factory=dict)
    _environments: dict[Path, str] = field(default_factory=dict)

    def run(self) -> str | None:
        """Run all steps that can be run; return why not all have finished, if so."""
        self._say(drawn(self.pipeline))
        with tempfile.TemporaryDirectory(prefix="nbtrail-steps-") as folder:
            try:
                self._work_off(Path(folder))
            except BaseException:
                self._stop()
                raise
            finally:
                self._note()
                self._say(drawn(self.pipeline, self.parts))
        return self._reason()

    def _work_off(self, folder: Path) -> None:
        for stage in self.pipeline.stages:  # before a step changes a file
            self._key_of_files(stage)
        self._begin_ready()
        while self._processes or self._waiting:
            while self._waiting and len(self._processes) < self.conduct.parallel:
                self._start(*self._waiting.pop(0), folder)
            self._note()
            if self._processes:
                part, result = self._next()
                self._processes.pop(part.label)
                _end(part, result)
            self._begin_ready()

    def _next(self) -> tuple[Part, Result]:
        while True:
            try:
                return self._ended.get(timeout=_PERIOD)
            except queue.Empty:
                continue

    def _begin_ready(self) -> None:
        """Have what can be executed now wait for its turn; what is known already is done."""
        ready = True
        while ready:
            ready = False
            for stage in self.pipeline.stages:
                if stage.step.name not in self._begun and self._is_ready(stage):
                    self._begun.add(stage.step.name)
                    self._begin(stage)
                    ready = True

    def _is_ready(self, stage: Stage) -> bool:
        return all(self._is_done(name) for name in stage.step.needs)

    def _is_done(self, name: str) -> bool:
        own = [one for one in self.parts if one.step == name]
        return bool(own) and all(one.state in DONE for one in own)

    def _begin(self, stage: Stage) -> None:
        results = Results(self.store, self.pipeline, self.parts)
        self.store.drain()
        try:
            sets = stage.sets(results.value)
            told = stage.sets(results.digest)
        except (NbtrailError, OSError) as error:
            self.parts.append(Part(stage.step.name, {}, started=time.time()))
            self.parts[-1].end("failed", None, str(error).rstrip("."))
            return
        for given, alike in zip(sets, told, strict=True):
            each = {name: given[name] for name in stage.step.for_each}
            part = Part(stage.step.name, given, each, started=time.time())
            part.key = self._key(stage, alike)
            self.parts.append(part)
            known = next((found for know in self.conduct.known if (found := know(part))), None)
            if known is not None:
                part.end("reused", known)
                self._say(f"[{part.label}] reused: run {known[:8]} has the same result")
            else:
                self._waiting.append((stage, part))

    def _key(self, stage: Stage, alike: dict[str, object]) -> str:
        referred = {one.step for one in stage.step.references()}
        upstream = [
            str(one.run_id)
            for one in self.parts
            if one.step in stage.step.needs and one.step not in referred
        ]
        folder = stage.source.directory
        if folder not in self._environments:
            found = digests.of_environment(stage.project, self.conduct.environment)
            self._environments[folder] = found
        files = self._key_of_files(stage)
        values = at_home(self.pipeline, stage, alike)
        return digests.key(stage, values, upstream, self._environments[folder], files)

    def _key_of_files(self, stage: Stage) -> str:
        place = stage.source.directory, stage.step.files
        if place not in self._digests:
            self._digests[place] = digests.of_project(*place)
        return self._digests[place]

    def _start(self, stage: Stage, part: Part, folder: Path) -> None:
        source = vars(stage.source) | {"directory": str(stage.source.directory)}
        tags = {PARENT: self.info.run_id, STEP: part.step, KEY: str(part.key)}
        options = {
            **self.conduct.options,
            "parameters": at_home(self.pipeline, stage, part.parameters),
            "run_name": part.label[:480],
            "tags": tags,
        }
        told = {
            "store": self.store.uri,
            "options": options,
            "source": source,
            "entry_point": stage.point.name,
        }
        if self.conduct.watch is not None:
            done = sum(one.state in DONE for one in self.parts)
            self.conduct.watch.cell_begun(done + 1, len(self.parts), f"step {part.label}")
        part.started = time.time()
        self._processes[part.label] = StepProcess(
            told,
            self.pipeline.source.directory,
            folder / f"{len(self.parts)}-{id(part)}.json",
            part.label if self.conduct.shows else None,
            lambda result: self._ended.put((part, result)),
        )

    def _stop(self) -> None:
        """End all that is executed; of those that wait, none is started."""
        for process in self._processes.values():
            process.interrupt()
        for process in self._processes.values():
            process.finish()
        while not self._ended.empty():
            part, result = self._ended.get()
            _end(part, result)
        for part in self.parts:
            if part.state == "running":
                part.end("stopped", None)

    def _note(self) -> None:
        ArtifactRepository(self.info.artifact_uri).write(FILE, as_json(self.pipeline, self.parts))

    def _reason(self) -> str | None:
        failed = [one for one in self.parts if one.state not in DONE]
        if not failed:
            return None
        begun = {one.step for one in self.parts}
        rest = [one.step.name for one in self.pipeline.stages if one.step.name not in begun]
        told = "; ".join(f"step {one.label} {one.state}: {one.error}" for one in failed[:3])
        more = f" (and {len(failed) - 3} more)" if len(failed) > 3 else ""
        left = f"; not run: {', '.join(rest)}" if rest else ""
        return f"{told}{more}{left}"

    def _say(self, text: str) -> None:
        if self.conduct.shows:
            print(text, flush=True)


def _end(part: Part, result: Result) -> None:
    error = result["error"]
    part.end(result["state"], result["run_id"], error.rstrip(".") if error else None)
