"""Models of one's own: classes, functions, files of code, and the functions of a notebook."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

import nbtrail
from nbtrail.errors import InvalidValue
from nbtrail.models import MLmodel, load_model, load_native, save_model

FRAME = pd.DataFrame({"x": [1.0, 2.0]})
NO_PROBE: dict[str, Any] = {"pip_requirements": []}


class Shift(nbtrail.pyfunc.PythonModel):
    """Adds what a file says, and a param."""

    def load_context(self, context: Any) -> None:
        self.by = float(Path(context.artifacts["by"]).read_text())

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        return model_input["x"] + self.by + (params or {}).get("more", 0)


def shout(texts: list[str]) -> list[str]:
    """A function of a module, with hints."""
    return [text.upper() for text in texts]


def test_a_python_model_with_files_and_params() -> None:
    Path("by.txt").write_text("10")
    signature = nbtrail.infer_signature(FRAME, [1.0], params={"more": 0.5})
    nbtrail.pyfunc.save_model(
        "model", python_model=Shift(), artifacts={"by": "by.txt"}, signature=signature, **NO_PROBE
    )
    about = MLmodel.read(Path("model")).flavors["python_function"]
    assert about["loader_module"] == "mlflow.pyfunc.model"
    assert about["artifacts"] == {"by": {"path": "artifacts/by.txt", "uri": "by.txt"}}
    Path("by.txt").unlink()
    loaded = nbtrail.pyfunc.load_model("model")
    assert loaded.predict(FRAME).tolist() == [11.5, 12.5]
    assert loaded.predict(FRAME, params={"more": 1.0}).tolist() == [12.0, 13.0]
    assert isinstance(loaded.unwrap_python_model(), nbtrail.pyfunc.PythonModel)
    with pytest.raises(InvalidValue, match="not safe: it is Python code"):
        load_model("model", safe=True)


def test_a_function_has_its_signature_from_its_hints() -> None:
    about = save_model(shout, "model", **NO_PROBE)
    assert about.signature_dict is not None
    assert about.signature_dict["inputs"] == '[{"type": "string", "required": true}]'
    assert load_model("model").predict(["a"]) == ["A"]
    assert load_native("model")(["b"]) == ["B"]


CODE = """
import nbtrail as mlflow

class Twice(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input * context.model_config["times"]

mlflow.models.set_model(Twice())
"""


def test_a_file_of_code() -> None:
    Path("twice.py").write_text(CODE)
    with nbtrail.start_run():
        info = nbtrail.pyfunc.log_model(
            name="twice", python_model="twice.py", model_config={"times": 3}, **NO_PROBE
        )
    Path("twice.py").unlink()
    assert load_model(info.model_uri).predict(FRAME)["x"].tolist() == [3.0, 6.0]
    Path("empty.py").write_text("")
    save_model("empty.py", "empty", **NO_PROBE)
    with pytest.raises(InvalidValue, match="calls no set_model"):
        load_model("empty")


def test_code_paths_come_along() -> None:
    Path("helper_of_model.py").write_text("FACTOR = 4\n")
    source = "import helper_of_model\nimport nbtrail\n"
    source += "nbtrail.models.set_model(lambda rows: [helper_of_model.FACTOR for _ in rows])\n"
    Path("with_helper.py").write_text(source)
    save_model("with_helper.py", "model", code_paths=["helper_of_model.py"], **NO_PROBE)
    Path("helper_of_model.py").unlink()
    program = "import nbtrail; print(nbtrail.load_model('model').predict([1, 2]))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[4, 4]\n"
    with pytest.raises(InvalidValue, match="no file or folder nothing"):
        save_model("with_helper.py", "other", code_paths=["nothing"])


CELLS = [
    "import json as text\nfrom math import sqrt as root\nimport re",
    "LIMIT = 3.0\nNAMES = {'x': [1, 2]}\nunused = object()",
    "model = re.compile('a+')",
    "class Cap:\n    def __init__(self, top):\n        self.top = top\n"
    "    def __call__(self, value):\n        return min(root(value * value), self.top)",
    "def length(row):\n    return len(model.match(text.dumps(row)[1:])[0])",
    "def predict(rows: list[str]) -> list[float]:\n    cap = Cap(LIMIT)\n"
    "    return [cap(length(row)) for row in rows]",
]
LOAD = """
import sys, nbtrail
print(nbtrail.load_model("model").predict(["a", "aaaaa"]))
print(sorted({"matplotlib", "IPython"} & set(sys.modules)))
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A notebook's shell, whose cells are `__main__`."""
    shell = InteractiveShell.instance()
    monkeypatch.setitem(sys.modules, "__main__", shell.user_module)
    yield shell
    InteractiveShell.clear_instance()


def run(shell: InteractiveShell, *cells: str) -> None:
    for cell in cells:
        shell.run_cell(cell, store_history=True).raise_error()


def test_a_cells_function_is_kept_as_source_with_what_it_reads(shell: InteractiveShell) -> None:
    run(shell, *CELLS)
    about = save_model(shell.user_ns["predict"], "model")
    assert about.metadata is not None
    assert about.metadata["nbtrail"]["function"] == {
        "name": "predict",
        "cells": 3,
        "reads": {
            "code": ["Cap", "length", "predict"],
            "literals": ["LIMIT"],
            "values": ["model"],
        },
    }
    source = Path("model/cells.py").read_text()
    assert "import json as text" in source
    assert "from math import sqrt as root" in source
    assert "LIMIT = 3.0" in source
    assert "unused" not in source
    assert "NAMES" not in source
    requirements = Path("model/requirements.txt").read_text()
    assert {"nbtrail", "pandas"} <= {line.partition("==")[0] for line in requirements.splitlines()}
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    assert done.stdout == "[1.0, 3.0]\n[]\n"


def test_a_later_change_of_the_notebook_does_not_reach_the_model(shell: InteractiveShell) -> None:
    run(shell, "BASE = 1", "def plus(rows):\n    return [row + BASE for row in rows]")
    save_model(shell.user_ns["plus"], "model", **NO_PROBE)
    run(shell, "BASE = 100")
    assert load_model("model").predict([1]) == [2]


def test_what_has_no_source_is_kept_by_value_and_said_so(shell: InteractiveShell) -> None:
    run(
        shell,
        "def make(by):\n    def add(rows):\n        return [r + by for r in rows]\n    return add",
        "add = make(5)",
    )
    with pytest.warns(UserWarning, match=r"add is kept as a pickle by value.*made in"):
        save_model(shell.user_ns["add"], "model", **NO_PROBE)
    assert load_model("model").predict([1]) == [6]


class Count(nbtrail.pyfunc.PythonModel):
    """Tells what it is given, in a list of several types."""

    def predict(self, context: Any, model_input: Any) -> Any:
        return [type(model_input).__name__, len(model_input)]


def test_what_has_no_type_is_saved_and_handed_on() -> None:
    example: list[Any] = [1, "a"]
    about = save_model(Count(), "model", input_example=example, **NO_PROBE)
    assert about.signature_dict is not None
    assert about.signature_dict["inputs"] == '[{"type": "any", "required": true}]'
    assert about.signature_dict["outputs"] == '[{"type": "any", "required": true}]'
    loaded = load_model("model")
    assert loaded.predict(example) == ["list", 2]
    assert loaded.predict(FRAME) == ["DataFrame", 2]
