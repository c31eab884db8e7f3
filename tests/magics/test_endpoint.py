"""%%endpoint in a real kernel: a cell's function becomes a typed endpoint."""

from __future__ import annotations

from magics.test_track import text
from nbtrail.serving import list_endpoints, stop
from recorder.kernel import Notebook

CELL = """%%endpoint area --workers 1
def predict(width: float, height: float = 2.0) -> float:
    return scaled(width) * height
"""


def test_a_cell_is_served_replaced_and_stopped(notebook: Notebook) -> None:
    try:
        notebook.run("a", "factor = 3\ndef scaled(x):\n    return x * factor")
        shown = text(notebook.run("b", CELL))
        assert "Endpoint area, revision 1, answers at http://127.0.0.1:" in shown
        assert "curl http://127.0.0.1:" in shown
        assert '"width": 1.0' in shown
        assert (
            text(notebook.run("c", "%endpoint test area '{\"width\": 2}'")) == '{"result":12.0}\n'
        )
        notebook.run("d", CELL.replace("* height", "+ height"))
        assert text(notebook.run("c", '%endpoint test area {"width": 2}')) == '{"result":8.0}\n'
        assert text(notebook.run("c", "%endpoint test area")) == '{"result":4.0}\n'
        assert "area" in text(notebook.run("e", "%endpoint list"))
        refused = text(notebook.run("c", '%endpoint test area \'{"width": "x"}\''))
        assert "400 INVALID_PARAMETER_VALUE" in refused
        assert text(notebook.run("f", "%endpoint stop area")) == "Stopped area.\n"
    finally:
        for one in list_endpoints(notebook.store):
            stop(one.name, notebook.store)
