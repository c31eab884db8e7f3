"""The trail of a run over HTTP: light, with outputs, and as a graph."""

from __future__ import annotations

from typing import Any

import pytest

from nbtrail.entities import (
    Dataset,
    DatasetInput,
    Endpoint,
    Finding,
    LoggedModel,
    Metric,
    Param,
    RunFile,
    Verdict,
)
from nbtrail.store import Store


class Told:
    """A run whose four cells have done everything; `cells` are their executions."""

    def __init__(self, store: Store, experiment_id: str) -> None:
        self.store = store
        self.run_id = store.runs.create(experiment_id, "told").info.run_id
        session = store.trails.start_session(1, "a.ipynb", "python3").session_id
        self.cells: list[int] = []
        for ordinal, (source, reads) in enumerate(
            [
                ("data = load()", {}),
                ("lr = 0.1\nfit()", {"data": 0}),
                ("# nothing\nplot(data)", {"data": 0}),
                ("fit(lr)", {"lr": 1, "data": 0}),
            ]
        ):
            one = store.trails.begin(session, ordinal, f"c{ordinal}", source, 1000 + ordinal)
            self.cells.append(one)
            store.trails.end(
                one,
                "ok",
                execution_count=ordinal + 1,
                duration=0.5,
                error=None,
                outputs=[{"output_type": "stream", "name": "stdout", "text": "<script>"}] * ordinal,
                reads={name: self.cells[at] for name, at in reads.items()},
                writes=["lr"],
                opaque=None,
            )
        store.trails.attach(self.run_id, self.cells[:1], "prelude")
        store.trails.attach(self.run_id, self.cells[1:], "own")
        self._give()

    def _give(self) -> None:
        store, run_id = self.store, self.run_id
        loads, sets, plots, fits = self.cells
        data = DatasetInput(Dataset("wine", "9ad2", "local", "wine.csv"))
        store.datasets.link(run_id, [data], loads)
        store.runs.log_params(run_id, [Param("lr", "0.1", 0.1, "inferred", sets)])
        store.metrics.log(run_id, [Metric("acc", 0.5, 1, execution=fits), Metric("x", 1.0, 1)])
        store.metrics.log(run_id, [Metric("system/cpu", 0.5, 1, execution=fits)])
        store.files.note(run_id, [RunFile("plots/a.png", execution=plots)])
        model = LoggedModel("m-1", "1", "model", "here", 5, run_id, fits, "sklearn")
        store.registry.log_model(model)
        store.registry.create_version("wine", "models:/m-1", run_id, "m-1")
        store.model_notes.set_alias("wine", "champion", "1")
        finding = Finding("stale-inputs", "cell 3 is <b>stale</b>", [fits])
        store.trails.put_verdict(run_id, Verdict("stale-inputs", [finding], "live"))


@pytest.fixture
def told(store: Store, experiment_id: str) -> Told:
    return Told(store, experiment_id)


def test_what_each_cell_gave_to_the_run(ask: Any, told: Told) -> None:
    status, body = ask("GET", f"runs/{told.run_id}/trail", "outputs=false")
    assert (status, body["verdict"]) == (200, "stale-inputs")
    loads, sets, plots, fits = body["executions"]
    assert [cell["role"] for cell in body["executions"]] == ["prelude", "own", "own", "own"]
    assert [cell["output_count"] for cell in body["executions"]] == [0, 1, 2, 3]
    assert {cell["outputs"] for cell in body["executions"]} == {None}
    assert (loads["datasets"], sets["params"]) == (["wine"], ["lr"])
    assert (plots["artifacts"], fits["models"]) == (["plots/a.png"], ["m-1"])
    assert fits["metrics"] == ["acc", "system/cpu"]
    assert fits["reads"] == {"lr": told.cells[1], "data": told.cells[0]}
    assert (fits["findings"], sets["findings"]) == (
        [{"kind": "stale-inputs", "text": "cell 3 is <b>stale</b>"}],
        [],
    )


def test_outputs_come_along_or_by_cell(ask: Any, told: Told) -> None:
    body = ask("GET", f"runs/{told.run_id}/trail")[1]
    assert [len(cell["outputs"]) for cell in body["executions"]] == [0, 1, 2, 3]
    path = f"runs/{told.run_id}/executions"
    one = {"output_type": "stream", "name": "stdout", "text": "<script>"}
    assert ask("GET", f"{path}/{told.cells[1]}/outputs") == (200, {"outputs": [one]})
    assert ask("GET", f"{path}/{told.cells[0]}/outputs") == (200, {"outputs": []})


@pytest.mark.parametrize("execution", ["9999", "x", "-1", "9" * 40, "%C2%B2"])
def test_another_runs_cell_is_not_found(ask: Any, told: Told, execution: str) -> None:
    status, body = ask("GET", f"runs/{told.run_id}/executions/{execution}/outputs")
    assert (status, "no cell execution" in body["message"]) == (404, True)


def test_the_verdict_names_executions(ask: Any, told: Told, store: Store) -> None:
    store.runs.set_tags(told.run_id, {"nbtrail.reproduction": "diverged"})
    status, body = ask("GET", f"runs/{told.run_id}/verdict")
    assert (status, body["reproduction"]) == (200, "diverged")
    assert body["verdict"]["findings"][0]["executions"] == [told.cells[3]]
    other = store.runs.create("1").info.run_id
    assert ask("GET", f"runs/{other}/verdict")[1] == {"verdict": None, "reproduction": None}


def test_the_lineage_goes_from_data_to_endpoint(ask: Any, told: Told, store: Store) -> None:
    store.endpoints.put(Endpoint("e", "models:/wine@champion", "h", 1, None, "t", "stopped", 1))
    store.endpoints.put(Endpoint("other", "models:/x/1", "h", 1, None, "t", "stopped", 1))
    _, body = ask("GET", f"runs/{told.run_id}/lineage")
    loads, sets, _, fits = (f"cell:{one}" for one in told.cells)
    assert {tuple(edge) for edge in body["edges"]} == {
        ("dataset:wine:9ad2", loads),
        (loads, sets),
        (loads, fits),
        (sets, fits),
        (fits, "metric:acc"),
        ("run", "metric:x"),
        (fits, "model:m-1"),
        ("model:m-1", "version:wine:1"),
        ("version:wine:1", "endpoint:e"),
    }
    nodes = {node["id"]: node for node in body["nodes"]}
    assert nodes.keys() == {node for edge in body["edges"] for node in edge}
    assert nodes[sets] == {"id": sets, "kind": "cell", "label": "[2]", "detail": "lr = 0.1"}
    assert nodes["version:wine:1"]["detail"] == "@champion"
    assert nodes["run"]["label"] == "told"
    assert not body["truncated"]


def test_a_graph_of_thousands_is_cut(ask: Any, store: Store, experiment_id: str) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    store.metrics.log(run_id, [Metric(f"m{n}", 1.0, 1) for n in range(2000)])
    _, body = ask("GET", f"runs/{run_id}/lineage")
    assert (len(body["nodes"]), body["truncated"]) == (500, True)
    kept = {node["id"] for node in body["nodes"]}
    assert all(kept.issuperset(edge) for edge in body["edges"])


def test_children_know_their_parent(ask: Any, store: Store, experiment_id: str) -> None:
    parent = store.runs.create(experiment_id, "sweep").info.run_id
    tags = {"mlflow.parentRunId": parent}
    trials = [store.runs.create(experiment_id, f"t{n}", tags=tags) for n in range(2)]
    _, body = ask("GET", f"runs/{parent}/children")
    assert (body["parent"], [child["name"] for child in body["children"]]) == (None, ["t0", "t1"])
    _, body = ask("GET", f"runs/{trials[0].info.run_id}/children")
    assert (body["parent"]["run_id"], body["children"]) == (parent, [])
    lost = store.runs.create(experiment_id, tags={"mlflow.parentRunId": "gone' or '"})
    assert ask("GET", f"runs/{lost.info.run_id}/children")[1] == {"parent": None, "children": []}


def test_the_context_is_by_kind(ask: Any, store: Store, experiment_id: str) -> None:
    from nbtrail.store.contexts import Context, Document

    run_id = store.runs.create(experiment_id).info.run_id
    assert ask("GET", f"runs/{run_id}/context") == (200, {"context": {}})
    git = {"commit": "77b0", "diff": "<script>"}
    store.contexts.put(run_id, Context.of({"git": Document.of(git)}))
    assert ask("GET", f"runs/{run_id}/context") == (200, {"context": {"git": git}})


@pytest.mark.parametrize(
    "path", ["trail", "verdict", "lineage", "context", "audit", "children", "executions/1/outputs"]
)
def test_a_run_that_is_not_there(ask: Any, store: Store, path: str) -> None:
    status, body = ask("GET", f"runs/nosuch/{path}")
    assert (status, body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
