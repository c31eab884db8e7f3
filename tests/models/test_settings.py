"""Settings of models that are files of code."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbtrail
from nbtrail.errors import InvalidValue
from nbtrail.models import load_model
from nbtrail.models.settings import ModelConfig

CODE = """
import nbtrail as mlflow

config = mlflow.models.ModelConfig(development_config={"times": 2})

class Times(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return [config.get("times") * one for one in model_input]

mlflow.models.set_model(Times())
"""


@pytest.mark.parametrize("settings", [{"times": 3}, "settings.yml"])
def test_a_file_of_code_asks_for_its_settings(workdir: Path, settings: object) -> None:
    Path("settings.yml").write_text("times: 3")
    Path("times.py").write_text(CODE)
    saved = {"python_model": "times.py", "pip_requirements": []}
    nbtrail.pyfunc.save_model("as_developed", **saved)
    assert load_model("as_developed").predict([1]) == [2]
    nbtrail.pyfunc.save_model("model", model_config=settings, **saved)
    assert load_model("model").predict([1]) == [3]


def test_what_is_wrong_with_settings_is_said(workdir: Path) -> None:
    config = ModelConfig(development_config={"times": 2})
    assert config.to_dict() == {"times": 2}
    with pytest.raises(InvalidValue, match=r"no 'tmes'\. Did you mean 'times'\?"):
        config.get("tmes")
    with pytest.raises(InvalidValue, match=r"none\.yml cannot be read"):
        ModelConfig(development_config="none.yml")
    Path("list.yml").write_text("- 1")
    with pytest.raises(InvalidValue, match="no names with values"):
        ModelConfig(development_config="list.yml")
