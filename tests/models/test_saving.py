"""Model directories of real estimators, and what can be wrong with saving them."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from nbtrail.errors import AlreadyExists, InvalidValue
from nbtrail.models import (
    MLmodel,
    environment,
    infer_signature,
    load_model,
    load_native,
    save_model,
)

Wine = tuple[pd.DataFrame, Any]

PICKLED: dict[str, Any] = {"serialization_format": "cloudpickle", "pip_requirements": []}

PREDICT = """
import json, sys
import pandas as pd
from nbtrail.models import load_model
frame = pd.read_json(sys.argv[2], orient="split", precise_float=True)
print(json.dumps(load_model(sys.argv[1]).predict(frame).tolist()))
"""


class Majority(ClassifierMixin, BaseEstimator):
    """An estimator of the user's own, which skops does not know."""

    def fit(self, X: Any, y: Any) -> Majority:
        self.most_ = int(np.bincount(y).argmax())
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.most_)


class Reluctant(Majority):
    """An estimator that cannot predict."""

    def predict(self, X: Any) -> Any:
        raise RuntimeError("not today")


def test_the_files_of_a_model_with_an_example(classifier: Pipeline, wine: Wine) -> None:
    about = save_model(classifier, "model", input_example=wine[0])
    directory = Path("model")
    assert {file.name for file in directory.iterdir()} == {
        "MLmodel",
        "SHA256SUMS",
        "conda.yaml",
        "input_example.json",
        "model.skops",
        "python_env.yaml",
        "requirements.txt",
        "serving_input_example.json",
    }
    assert MLmodel.read(directory) == about
    assert about.signature_dict == {
        "inputs": json.dumps(
            [{"type": "double", "name": name, "required": True} for name in wine[0]]
        ),
        "outputs": '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]',
        "params": None,
    }
    assert about.flavors["sklearn"].keys() == {
        *("code", "pickled_model", "serialization_format", "sklearn_version"),
        "skops_trusted_types",
    }
    assert not [path for path in Path().iterdir() if path.name.startswith(".model")]


def test_the_example_is_a_few_rows_and_the_request_for_them(
    classifier: Pipeline, wine: Wine
) -> None:
    about = save_model(classifier, "model", input_example=wine[0])
    example = json.loads(Path("model/input_example.json").read_text())
    assert example == {"columns": list(wine[0]), "data": wine[0].head().to_numpy().tolist()}
    request = json.loads(Path("model/serving_input_example.json").read_text())
    assert request == {"dataframe_split": example}
    assert about.saved_input_example_info == {
        "artifact_path": "input_example.json",
        "pandas_orient": "split",
        "serving_input_path": "serving_input_example.json",
        "type": "dataframe",
    }


def test_an_example_of_an_array(wine: Wine) -> None:
    array = wine[0].to_numpy()
    model = LogisticRegression(max_iter=10_000).fit(array, wine[1])
    about = save_model(model, "model", input_example=array)
    request = json.loads(Path("model/serving_input_example.json").read_text())
    assert request == {"inputs": array[:5].tolist()}
    assert about.signature_dict is not None
    assert about.signature_dict["inputs"] == (
        '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 5]}}]'
    )


def test_the_environment_is_pinned(classifier: Pipeline, wine: Wine) -> None:
    import sklearn
    import skops

    save_model(classifier, "model", input_example=wine[0])
    requirements = Path("model/requirements.txt").read_text().splitlines()
    pins = [f"pandas=={pd.__version__}", f"scikit-learn=={sklearn.__version__}"]
    assert {*pins, f"skops=={skops.__version__}"} <= set(requirements)
    conda = yaml.safe_load(Path("model/conda.yaml").read_text())
    assert conda["dependencies"][-1] == {"pip": requirements}
    python = yaml.safe_load(Path("model/python_env.yaml").read_text())
    assert python["dependencies"] == ["-r requirements.txt"]


@pytest.mark.parametrize("make", [lambda model: model, lambda _: RandomForestClassifier(10)])
def test_a_fresh_process_predicts_the_same(make: Any, classifier: Pipeline, wine: Wine) -> None:
    model = make(classifier).fit(*wine)
    save_model(model, "model", input_example=wine[0])
    wine[0].to_json("rows.json", orient="split", double_precision=15)
    command = [sys.executable, "-c", PREDICT, "model", "rows.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == model.predict(wine[0]).tolist()


def test_a_forest_stays_skops_and_names_the_type_to_trust(wine: Wine) -> None:
    about = save_model(RandomForestClassifier(5).fit(*wine), "model")
    assert about.flavors["sklearn"]["serialization_format"] == "skops"
    assert about.flavors["sklearn"]["skops_trusted_types"] == ["sklearn.tree._tree.Tree"]
    assert isinstance(load_native("model"), RandomForestClassifier)


def test_what_skops_does_not_know_is_pickled_only_when_asked_for(wine: Wine) -> None:
    model = Majority().fit(*wine)
    wanted = f'nobody said to trust .*pass skops_trusted_types=."{Majority.__module__}.Majority".'
    with pytest.raises(InvalidValue, match=wanted):
        save_model(model, "model")
    with pytest.warns(UserWarning, match="written as a pickle, which runs"):
        about = save_model(model, "model", serialization_format="cloudpickle", pip_requirements=[])
    assert about.flavors["sklearn"]["serialization_format"] == "cloudpickle"
    assert about.flavors["sklearn"]["pickled_model"] == "model.pkl"
    assert not Path("model/model.skops").exists()
    assert load_model("model").predict(wine[0].head(2)).tolist() == [1, 1]
    with pytest.raises(InvalidValue, match=r"not safe: its model.pkl is a pickle"):
        load_model("model", safe=True)
    with pytest.raises(InvalidValue, match="not safe"):
        load_native("model", safe=True)


NOTEBOOK = """
import sys
from nbtrail.models import load_model, save_model
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

DEFINED
model = make_pipeline(FunctionTransformer(square), LinearRegression()).fit([[1], [2]], [1, 4])
save_model(model, "model", **eval(sys.argv[1]))
del sys.modules[square.__module__]
print(round(load_model("model").predict([[3]])[0]))
"""


def test_a_function_of_the_notebook_is_saved_as_the_error_says() -> None:
    def run(defined: str, options: str) -> subprocess.CompletedProcess[str]:
        program = NOTEBOOK.replace("DEFINED", defined)
        command = [sys.executable, "-c", program, options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    source = "def square(x):\n    return [[v * v for v in row] for row in x]\n"
    done = run(source, "{}")
    said = 'and pass code_paths=["mine.py"], skops_trusted_types=["mine.square"], or pass'
    assert said in done.stderr
    Path("mine.py").write_text(source)
    options = '{"code_paths": ["mine.py"], "skops_trusted_types": ["mine.square"]}'
    done = run("from mine import square", options)
    assert done.stdout == "9\n", done.stderr


def test_a_signature_that_is_given_spares_the_prediction(wine: Wine) -> None:
    given = infer_signature(wine[0], wine[1].to_numpy())
    with pytest.warns(UserWarning, match="pickle"):
        about = save_model(Reluctant(), "model", input_example=wine[0], signature=given, **PICKLED)
    assert about.signature == given
    assert Path("model/input_example.json").exists()


@pytest.mark.parametrize(
    ("model", "example", "said"),
    [
        (object(), None, "there are flavors for xgboost"),
        (LogisticRegression(), np.zeros((2, 5)), "cannot predict its input_example .NotFitted"),
        (LogisticRegression(), {7}, "input_example is a DataFrame"),
    ],
)
def test_a_failure_leaves_nothing(model: Any, example: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        save_model(model, "model", input_example=example)
    assert list(Path().iterdir()) == []


def test_what_cannot_be_pickled_is_one_sentence() -> None:
    model = Majority()
    model.lock_ = (_ for _ in ())
    with pytest.raises(InvalidValue, match="This Majority cannot be saved"):
        save_model(model, "model", **PICKLED)


def test_nothing_is_overwritten(classifier: Pipeline) -> None:
    Path("taken").mkdir()
    Path("taken/file").touch()
    with pytest.raises(AlreadyExists, match="choose another directory"):
        save_model(classifier, "taken")
    assert [path.name for path in Path("taken").iterdir()] == ["file"]


CONDA: dict[str, Any] = {
    "name": "wine",
    "channels": ["defaults"],
    "dependencies": ["python=3.12", "libgomp", "pip", {"pip": ["scikit-learn", "skops<1"]}],
}


@pytest.mark.parametrize("as_file", [False, True])
def test_a_conda_environment_of_ones_own(as_file: bool, classifier: Pipeline) -> None:
    Path("mine.yaml").write_text(yaml.safe_dump(CONDA))
    save_model(classifier, "model", conda_env="mine.yaml" if as_file else CONDA)
    assert yaml.safe_load(Path("model/conda.yaml").read_text()) == CONDA
    assert Path("model/requirements.txt").read_text() == "scikit-learn\nskops<1\n"
    python = yaml.safe_load(Path("model/python_env.yaml").read_text())
    assert (python["python"], python["dependencies"]) == ("3.12", ["-r requirements.txt"])


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("in one way only", {"conda_env": CONDA, "pip_requirements": []}),
        ("'python<3.12' names no Python", {"conda_env": {"dependencies": ["python<3.12"]}}),
        ("A conda_env is a dict", {"conda_env": {"dependencies": [{"pip": "numpy"}]}}),
        ("A conda_env is a dict", {"conda_env": {}}),
        ("conda_env not-there.yaml cannot be read", {"conda_env": "not-there.yaml"}),
    ],
)
def test_an_environment_that_cannot_be_is_refused(
    said: str, known: dict[str, Any], classifier: Pipeline
) -> None:
    with pytest.raises(InvalidValue, match=said):
        save_model(classifier, "model", **known)
    assert not Path("model").exists()


@pytest.mark.parametrize(
    ("part", "python"),
    [
        ("conda-forge::python==3.11.*", "3.11"),
        ("python >=3.10,<3.13", "3.10"),
        ("python-dateutil=2.9", platform.python_version()),
        ("python", platform.python_version()),
    ],
)
def test_the_python_of_a_conda_environment(part: str, python: str, tmp_path: Path) -> None:
    environment.write(tmp_path, [], {"dependencies": [part]})
    assert yaml.safe_load((tmp_path / "python_env.yaml").read_text())["python"] == python
