"""Trails as notebooks: valid, in order, with the ids and outputs that the cells had."""

from __future__ import annotations

from typing import Any

import msgspec
import nbformat
import pytest

from nbtrail.entities import CellExecution, Document, DocumentCell
from nbtrail.trail import notebook

PRINTED = {"output_type": "stream", "name": "stdout", "text": "one\n"}
SHOWN = {
    "output_type": "execute_result", "execution_count": 3, "metadata": {},
    "data": {"text/plain": "3", "application/json": {"a": [1, None]}},
}  # fmt: skip
FAILED = {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["E: no"]}


def ran(*cells: tuple[str | None, str], **fields: Any) -> list[CellExecution]:
    return [
        CellExecution(100 + n, "session", n, cell_id, source, n + 1, 0, status="ok", **fields)
        for n, (cell_id, source) in enumerate(cells)
    ]


def sources(made: notebook.Notebook) -> list[str]:
    nbformat.validate(made)
    return [cell["source"] for cell in made["cells"]]


def ids(made: notebook.Notebook) -> list[str]:
    return [cell["id"] for cell in made["cells"]]


DOCUMENT = Document(
    "live",
    [
        DocumentCell("title", "markdown", "# Title"),
        DocumentCell("b", "code", "m = n * 3  # edited since"),
        DocumentCell("unrun", "code", "never()"),
        DocumentCell("raw", "raw", "as it is", ["keep"]),
        DocumentCell("a", "code", "n = 4"),
    ],
)


def test_the_last_execution_of_each_cell_stands_where_the_document_has_it() -> None:
    executions = ran(("a", "n = 3"), ("b", "m = n * 2"), ("a", "n = 4"))
    made = notebook.restored(executions, DOCUMENT)
    assert sources(made) == ["# Title", "m = n * 2", "never()", "as it is", "n = 4"]
    assert ids(made) == ["title", "b", "unrun", "raw", "a"]
    assert [cell.get("execution_count") for cell in made["cells"]] == [None, 2, None, None, 3]
    assert made["cells"][3]["metadata"] == {"tags": ["keep"]}


def test_code_that_the_run_never_used_has_no_outputs_and_is_not_run_again() -> None:
    executions = ran(("a", "n = 4"), outputs=[PRINTED])
    unrun = notebook.restored(executions, DOCUMENT)["cells"][2]
    assert unrun == {
        "cell_type": "code", "id": "unrun", "metadata": {}, "source": "never()",
        "execution_count": None, "outputs": [],
    }  # fmt: skip
    assert sources(notebook.repeatable(executions, DOCUMENT)) == ["# Title", "as it is", "n = 4"]


def test_a_cell_that_the_document_has_lost_stands_after_the_one_before_it() -> None:
    executions = ran(("x", "first"), ("b", "b"), ("y", "second"), ("z", "third"), ("a", "a"))
    made = notebook.restored(executions, DOCUMENT)
    assert sources(made) == [
        "first", "# Title", "b", "second", "third", "never()", "as it is", "a",
    ]  # fmt: skip


def test_a_cell_that_was_cut_and_pasted_stands_where_it_is_now() -> None:
    executions = ran(("cut", "never()"), ("a", "n = 4"), outputs=[PRINTED])
    made = notebook.restored(executions, DOCUMENT)
    assert ids(made) == ["title", "b", "cut", "raw", "a"]
    assert made["cells"][2]["outputs"] == [PRINTED]


def test_without_a_document_cells_stand_as_they_first_ran() -> None:
    made = notebook.restored(ran(("a", "n = 3"), ("b", "m = n"), ("a", "n = 4")))
    assert sources(made) == ["n = 4", "m = n"]
    assert ids(made) == ["a", "b"]


def test_outputs_and_tags_are_kept() -> None:
    executions = ran(("a", "x"), outputs=[PRINTED, SHOWN, FAILED], tags=["parameters"])
    (cell,) = notebook.restored(executions)["cells"]
    assert cell["outputs"] == [PRINTED, SHOWN, FAILED]
    assert cell["metadata"] == {"tags": ["parameters"]}


def test_forms_that_no_notebook_can_have_are_left_out() -> None:
    odd = {
        "text/plain": ["one\n", "two"],
        "text/html": None,
        "image/png": 5,
        "application/x+json": 1,
    }
    shown = {"output_type": "display_data", "metadata": {}, "data": odd}
    made = notebook.restored(ran(("a", "show()"), outputs=[shown]), None)
    nbformat.validate(made)
    (output,) = made["cells"][0]["outputs"]
    assert output["data"] == {"text/plain": ["one\n", "two"], "application/x+json": 1}


def test_every_execution_has_a_new_id_and_tells_whose_it_was() -> None:
    executions = ran(("a", "n = 3"), ("b", "m = n"), ("a", "n = 4"))
    made = notebook.chronicle(executions)
    assert sources(made) == ["n = 3", "m = n", "n = 4"]
    assert len({*ids(made), "a", "b"}) == 5
    assert [cell["metadata"]["nbtrail"]["cell_id"] for cell in made["cells"]] == ["a", "b", "a"]
    assert notebook.chronicle(executions) == made


def test_a_program_repeats_what_ran_twice_and_lets_fail_what_failed() -> None:
    executions = ran(("a", "xs.append(1)"), ("a", "xs.append(1)"))
    executions += [CellExecution(200, "session", 2, "b", "1 / 0", 3, 0, status="error")]
    executions += [msgspec.structs.replace(executions[-1], cell_id="c", tags=["raises-exception"])]
    made = notebook.program(executions)
    assert sources(made) == ["xs.append(1)", "xs.append(1)", "1 / 0", "1 / 0"]
    assert ids(made)[1:] == ["a", "b", "c"]
    may_fail = {"tags": ["raises-exception"]}
    assert [cell["metadata"] for cell in made["cells"]] == [{}, {}, may_fail, may_fail]


@pytest.mark.parametrize("bad", [None, "", "vscode-notebook-cell:/book#W0", "a b", "x" * 65, "ä"])
def test_ids_that_a_notebook_cannot_have_are_replaced(bad: str | None) -> None:
    executions = ran((bad, "one = 1"), (bad or None, "one = 1"), ("good", "two = 2"))
    for made in (notebook.restored(executions), notebook.program(executions)):
        assert sources(made)[-1] == "two = 2"
        assert ids(made)[-1] == "good"


def test_cells_without_an_id_are_told_apart_by_their_content() -> None:
    executions = ran((None, "n = 3"), (None, "m = n"), (None, "n = 3\n"))
    document = Document("file", [DocumentCell(None, "code", "m = n"),
                                 DocumentCell(None, "code", "n = 3")])  # fmt: skip
    assert sources(notebook.restored(executions, document)) == ["m = n", "n = 3\n"]


def test_cells_without_an_id_get_those_that_the_document_has() -> None:
    made = notebook.restored(ran((None, "n = 4"), (None, "never()")), DOCUMENT)
    assert ids(made) == ["title", "b", "unrun", "raw", "a"]
    assert [cell.get("execution_count") for cell in made["cells"]] == [None, None, 2, None, 1]
