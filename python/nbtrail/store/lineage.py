"""From data to endpoint: what a run used and made, as a graph of what led to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from nbtrail.entities import DatasetInput, Endpoint, LoggedModel, MetricSummary, ModelVersion, Run
from nbtrail.store.trail_lists import CellSummary

NodeKind = Literal["dataset", "cell", "run", "metric", "model", "version", "endpoint"]
MOST_NODES = 500
RUN = "run"
_SYSTEM = "system/"
_LONGEST = 80  # characters of a cell's source


class Node(msgspec.Struct, frozen=True):
    """A thing in the lineage; `detail` is a digest, a source, a value, a flavor, a stage, a state.

    What no cell is known for hangs on the run itself.
    """

    id: str
    kind: NodeKind
    label: str
    detail: str


class Lineage(msgspec.Struct, frozen=True):
    """Nodes, and edges from what was first to what came of it, as pairs of ids."""

    nodes: list[Node]
    edges: list[tuple[str, str]]
    truncated: bool


def lineage_of(
    run: Run,
    cells: Iterable[CellSummary],
    models: Iterable[LoggedModel],
    versions: Iterable[ModelVersion],
    endpoints: Iterable[Endpoint],
) -> Lineage:
    """Return the lineage of a run.

    Args:
        run: with its datasets and metrics.
        cells: its trail.
        models: that it logged.
        versions: registered models that were made of those.
        endpoints: all that there are.
    """
    graph = _Graph(run, {cell.id: cell for cell in cells})
    for used in run.inputs.dataset_inputs:
        graph.used(used)
    for metric in run.data.metric_summaries:
        if not metric.key.startswith(_SYSTEM):
            graph.measured(metric)
    for model in models:
        graph.made(model)
    for version in versions:
        graph.registered(version)
    for endpoint in endpoints:
        graph.served(endpoint)
    graph.follow_cells()
    return graph.cut()


class _Graph:
    """A graph while it grows."""

    def __init__(self, run: Run, cells: Mapping[int, CellSummary]) -> None:
        self._run = run
        self._cells = cells
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str], None] = {}
        self._uris: dict[str, str] = {}  # the node of a model or version by the URIs it has

    def used(self, used: DatasetInput) -> None:
        """Add a dataset, and the cell that used it."""
        name, digest = used.dataset.name, used.dataset.digest
        self._edge(
            self._node(f"dataset:{name}:{digest}", "dataset", name, digest),
            self._maker(used.execution),
        )

    def measured(self, metric: MetricSummary) -> None:
        """Add a metric, and the cell that logged it."""
        node = self._node(f"metric:{metric.key}", "metric", metric.key, f"{metric.value:.6g}")
        self._edge(self._maker(metric.execution), node)

    def made(self, model: LoggedModel) -> None:
        """Add a model, and the cell that logged it."""
        node = self._node(f"model:{model.model_id}", "model", model.name, model.flavor)
        self._uris[f"models:/{model.model_id}"] = node
        self._uris[f"runs:/{self._run.info.run_id}/{model.name}"] = node
        self._edge(self._maker(model.execution), node)

    def registered(self, version: ModelVersion) -> None:
        """Add a version of a registered model, and the model that it is."""
        label = f"{version.name} {version.version}"
        aliases = [f"@{alias}" for alias in version.aliases]
        stages = [version.stage] if version.stage else []
        detail = ", ".join([*aliases, *stages])
        node = self._node(f"version:{version.name}:{version.version}", "version", label, detail)
        for name in (version.version, *aliases):
            self._uris[f"models:/{version.name}{'' if name[0] == '@' else '/'}{name}"] = node
        self._edge(self._uris.get(version.source) or self._maker(None), node)

    def served(self, endpoint: Endpoint) -> None:
        """Add an endpoint if it serves a model of the run."""
        if model := self._uris.get(endpoint.model_uri):
            label, state = endpoint.name, endpoint.state
            self._edge(model, self._node(f"endpoint:{label}", "endpoint", label, state))

    def follow_cells(self) -> None:
        """Add the cells through which values came to those that are there."""
        todo = [int(one.id.partition(":")[2]) for one in self._of_kind("cell")]
        while todo:
            cell = self._cells[todo.pop()]
            for binder in dict.fromkeys(cell.reads.values()):
                if binder is not None and binder != cell.id and binder in self._cells:
                    if f"cell:{binder}" not in self._nodes:
                        todo.append(binder)
                    self._edge(self._maker(binder), self._maker(cell.id))

    def cut(self) -> Lineage:
        """Return what there is, up to `MOST_NODES`."""
        nodes = list(self._nodes.values())
        kept = {node.id for node in nodes[:MOST_NODES]}
        edges = [pair for pair in self._edges if kept.issuperset(pair)]
        return Lineage(nodes[:MOST_NODES], edges, len(nodes) > MOST_NODES)

    def _maker(self, execution: int | None) -> str:
        """Return the node of a cell; of the run where no cell is known."""
        cell = self._cells.get(execution or 0)
        if cell is None:
            return self._node(RUN, "run", self._run.info.run_name, self._run.info.run_id)
        number = " " if cell.execution_count is None else cell.execution_count
        return self._node(f"cell:{cell.id}", "cell", f"[{number}]", _beginning(cell.source))

    def _node(self, identity: str, kind: NodeKind, label: str, detail: str) -> str:
        self._nodes.setdefault(identity, Node(identity, kind, label, detail))
        return identity

    def _edge(self, start: str, end: str) -> None:
        self._edges[start, end] = None

    def _of_kind(self, kind: NodeKind) -> Iterator[Node]:
        return (node for node in self._nodes.values() if node.kind == kind)


def _beginning(source: str) -> str:
    """Return the first line of a cell that says something."""
    lines = (line.strip() for line in source.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")[:_LONGEST]
