"""A small model of each framework that only `make test-full` installs, and data for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

Example = tuple[Any, Any, dict[str, Any]]

X = pd.DataFrame(np.random.default_rng(0).random((40, 3)), columns=["a", "b", "c"])
Y = (X["a"] > 0.5).astype(int)
SINGLE = X.to_numpy("float32")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "wine"]


def sklearn() -> Example:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(X, Y), X, {}


def xgboost() -> Example:
    import xgboost

    return xgboost.XGBClassifier(n_estimators=3).fit(X, Y), X, {}


def lightgbm() -> Example:
    import lightgbm

    return lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, Y), 3), X, {}


def catboost() -> Example:
    import catboost

    model = catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False)
    return model.fit(X, Y), X, {}


def statsmodels() -> Example:
    import statsmodels.api

    return statsmodels.api.OLS(Y, X).fit(), X, {}


def onnx() -> Example:
    import skl2onnx
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(SINGLE, Y)
    return skl2onnx.to_onnx(model, SINGLE[:1], options={"zipmap": False}), SINGLE, {}


def pytorch() -> Example:
    from torch import nn

    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(), nn.ReLU(), nn.Linear(4, 2))
    return model.eval(), SINGLE, {}  # MLflow exports a module in training as one


def pytorch_of_a_table() -> Example:
    return pytorch()[0], X.astype("float32"), {}


def pytorch_as_weights() -> Example:
    return pytorch()[0], SINGLE, {"serialization_format": "safetensors"}


def pytorch_of_several() -> Example:
    import torch

    class Several(torch.nn.Module):  # type: ignore[misc]
        def forward(self, words: Any, mask: Any, scale: float = 2.0) -> Any:
            return words.float() * mask * scale, mask.sum(dim=1)

    data = {"words": np.arange(12).reshape(4, 3), "mask": np.ones((4, 3), "float32")}
    return Several().eval(), data, {}


def pytorch_of_a_dict() -> Example:
    import torch

    class Sum(torch.nn.Module):  # type: ignore[misc]
        def forward(self, batch: Any) -> Any:
            return {"sum": batch["a"] + batch["b"]}

    return Sum().eval(), {"a": SINGLE, "b": SINGLE}, {}


def keras() -> Example:
    import keras

    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]), SINGLE, {}


def transformers() -> Example:
    import transformers

    sizes = dict.fromkeys(("hidden_size", "intermediate_size"), 8)
    config = transformers.BertConfig(
        vocab_size=8, num_hidden_layers=1, num_attention_heads=2, **sizes
    )
    Path("vocab.txt").write_text("\n".join(WORDS))
    pipeline = transformers.pipeline(
        "text-classification",
        model=transformers.BertForSequenceClassification(config).eval(),  # without dropout
        tokenizer=transformers.BertTokenizerFast("vocab.txt"),
    )
    return pipeline, ["good wine", "bad"], {}


def pyfunc() -> Example:
    import nbtrail

    class Twice(nbtrail.pyfunc.PythonModel):
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input * 2

    return Twice(), X, {}
