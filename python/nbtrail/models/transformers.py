"""The Hugging Face flavor: pipelines of Transformers, from local files only.

The files and keys are those of `mlflow.transformers`, which reads them too. Nothing is fetched
from the Hub, neither when a model is saved nor when it is loaded; weights are safetensors.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import mlflows
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "transformers"
MODEL, COMPONENTS = "model", "components"
_PARTS = ("tokenizer", "feature_extractor", "image_processor", "processor")
_AUTO = {
    "tokenizer": "AutoTokenizer",
    "feature_extractor": "AutoFeatureExtractor",
    "image_processor": "AutoImageProcessor",
    "processor": "AutoProcessor",
}


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    task: str
    pipeline_model_type: str
    model_binary: str = MODEL
    components: list[str] = []


def accepts(model: object) -> bool:
    """Say whether `model` is a pipeline of Transformers."""
    base = sys.modules.get("transformers.pipelines.base")  # not loaded: then it cannot be one
    return base is not None and isinstance(model, base.Pipeline)


def save(model: Any, directory: Path, *, task: str | None = None) -> Saved:
    """Write a pipeline: the model's weights and each component.

    Args:
        model: a pipeline, or a dict with ``model``, ``tokenizer`` and the like, of a `task`.
        directory: where to write it.
        task: what a dict of components does, such as ``text-classification``.
    """
    import transformers

    if isinstance(model, dict):
        model = transformers.pipeline(task, **model)
    model.model.save_pretrained(directory / MODEL, safe_serialization=True)
    config: dict[str, Any] = {
        "code": None,
        "components": [],
        "instance_type": type(model).__name__,
        "model_binary": MODEL,
        "pipeline_model_type": type(model.model).__name__,
        "source_model_name": str(model.model.name_or_path or ""),
        "task": model.task,
        "torch_dtype": str(getattr(model.model, "dtype", "torch.float32")),
        "transformers_version": transformers.__version__,
    }
    for part in _PARTS:
        if (component := getattr(model, part, None)) is not None:
            component.save_pretrained(directory / COMPONENTS / part)
            config["components"].append(part)
            config[f"{part}_type"] = type(component).__name__
    packages = ["transformers", "torch", "safetensors"]
    return Saved(config, {"loader_module": "mlflow.transformers"}, packages)


def runs_code(config: dict[str, Any]) -> None:
    """Code of a repository's own is not trusted, and so is not run."""


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the pipeline, read from the model's own files alone.

    Raises:
        InvalidValue: `config` is damaged, or names a class that Transformers does not have.
    """
    known = flavor_config(config, Config, directory, NAME)
    import transformers

    kind = getattr(transformers, known.pipeline_model_type, None)
    if not isinstance(kind, type) or not hasattr(kind, "from_pretrained"):
        raise InvalidValue(f"Transformers has no models of class '{known.pipeline_model_type}'.")
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    model = kind.from_pretrained(directory / known.model_binary, use_safetensors=True, **local)
    parts = {
        part: getattr(transformers, _AUTO[part]).from_pretrained(
            directory / COMPONENTS / part, **local
        )
        for part in known.components
        if part in _AUTO
    }
    return transformers.pipeline(known.task, model=model, **parts)


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory."""
    directory = Path(path)
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return what the pipeline says of each text or row; dicts as a table."""
        import pandas as pd

        given = data
        if isinstance(data, pd.DataFrame):
            one = data.shape[1] == 1
            given = data.iloc[:, 0].tolist() if one else data.to_dict(orient="records")
        made = self._pipeline(given, **(params or {}))
        made = made if isinstance(made, list) else [made]
        return pd.DataFrame(made) if made and isinstance(made[0], dict) else made


log_model, save_model, load_model = mlflows.functions(NAME, "transformers_model")
