"""What was found and checked, and can be executed: a notebook, a command, a pipeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue
from nbtrail.projects import environments, snapshots
from nbtrail.projects.asked import Asked, options_of
from nbtrail.projects.lifetime import ended_by_exceptions
from nbtrail.projects.mlprojects import commands, docker
from nbtrail.projects.notebooks.execution import Plan, create_run, execute
from nbtrail.projects.output import write_notebook
from nbtrail.projects.pipelines import execution as pipelines
from nbtrail.projects.pipelines.parts import drawn
from nbtrail.projects.pipelines.planning import Pipeline
from nbtrail.projects.sources import Source


class Work(Protocol):
    """Something that was found and checked, and can be executed now."""

    def execute(self) -> Run:
        """Execute it as a run; return that when it has ended."""

    def described(self) -> str:
        """Return in some lines what would be executed, and how."""

    def prepared(self) -> None:
        """Make what is needed to execute it, and execute nothing."""


@dataclass(frozen=True)
class NotebookWork:
    """A notebook, or the cells of a run; `folder` says which environment it needs.

    `source` is the project that has it, if it is the entry point of one.
    """

    asked: Asked
    plan: Plan
    folder: Path
    source: Source | None = None

    def execute(self) -> Run:
        """Execute the cells as a run."""
        asked, plan = self.asked, self._with_kernels()
        with asked.recording() as store:
            group = asked.experiment or config.experiment_name() or plan.path.stem
            experiment_id = store.experiments.ensure(group).experiment_id
            run = create_run(store, plan, experiment_id, asked.run_name, asked.tags)
            if self.source is not None:
                with ended_by_exceptions(store, run.info.run_id):
                    snapshots.note(store, run.info.run_id, self.source)
            return execute(plan, store, run.info, asked.progress, asked.watch)

    def described(self) -> str:
        """Return the notebook, its kernel and its parameters."""
        given = [f"  {one.key} = {one.value}" for one in self.plan.params]
        kernel = f"kernel {self.plan.kernel_name}, environment {self.asked.env}"
        return "\n".join([f"{self.plan.path.name}: {kernel}", *given])

    def prepared(self) -> None:
        """Make the environment, and write the notebook with its parameters where asked."""
        import nbformat

        plan = self._with_kernels()
        if plan.delivery.output is not None:
            text = nbformat.writes(plan.notebook)  # type: ignore[no-untyped-call]
            write_notebook(text, plan.delivery.output)

    def _with_kernels(self) -> Plan:
        environment = self.asked.environment(self.folder)
        if environment is None:
            return self.plan
        kernels = environments.kernels_of(environment, self.plan.kernel_name)
        return replace(self.plan, kernels=kernels)


@dataclass(frozen=True)
class CommandWork:
    """The command of an entry point."""

    asked: Asked
    command: commands.Command

    def execute(self) -> Run:
        """Execute the command as a run."""
        asked = self.asked
        environment = asked.environment(self.command.source.directory)
        if self.command.container is not None:
            docker.check_engine()
        with asked.recording() as store:
            return commands.execute(
                self.command,
                store,
                asked.experiment,
                asked.run_name,
                environment,
                tags=asked.tags,
                delivery=asked.delivery,
                watch=asked.watch,
            )

    def described(self) -> str:
        """Return the command as a shell gets it."""
        name = f"{self.command.project.name}, entry point {self.command.point.name}"
        line, container = self.command.line, self.command.container
        if container is not None:
            line = container.shown(line, self.command.source.directory)
        return f"{name}: environment {self.asked.env}\n  {line}"

    def prepared(self) -> None:
        """Make the environment; of a container, the engine makes it."""
        self.asked.environment(self.command.source.directory)


@dataclass(frozen=True)
class PipelineWork:
    """The steps of an entry point."""

    asked: Asked
    pipeline: Pipeline

    def execute(self) -> Run:
        """Run the steps, as children of one run."""
        asked = self.asked
        if not asked.delivery.records:
            raise InvalidValue("The steps of a pipeline hand on what they record: track it.")
        request = pipelines.Request(
            options_of(replace(asked, cache=False, resume=None, parallel=None)),
            asked.env,
            asked.experiment,
            asked.run_name,
            asked.cache,
            asked.resume,
            asked.parallel,
            asked.progress or asked.watch is not None,
            asked.tags,
            asked.watch,
        )
        with asked.recording() as store:
            return pipelines.execute(self.pipeline, store, request)

    def described(self) -> str:
        """Return the steps, each with what it runs and what it needs."""
        return drawn(self.pipeline)

    def prepared(self) -> None:
        """Make the environments."""
        for stage in self.pipeline.stages:
            self.asked.environment(stage.source.directory)
