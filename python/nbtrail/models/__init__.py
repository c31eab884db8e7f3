"""Models: MLflow's directory format, signatures, and a module for each flavor."""

from typing import Any

from nbtrail.models.integrity import seal, verify
from nbtrail.models.loading import PyFuncModel, load_model, load_native
from nbtrail.models.logged import ModelInfo, check_name, get_model_info, log_model, set_signature
from nbtrail.models.mlmodel import MLmodel
from nbtrail.models.saving import save_model
from nbtrail.models.settings import ModelConfig
from nbtrail.models.signatures.inference import infer_signature
from nbtrail.models.signatures.schema import ColSpec, ModelSignature, ParamSpec, Schema, TensorSpec
from nbtrail.models.uris import locate, resolve

__all__ = [
    "ColSpec",
    "MLmodel",
    "ModelConfig",
    "ModelInfo",
    "ModelSignature",
    "ParamSpec",
    "PyFuncModel",
    "Schema",
    "TensorSpec",
    "check_name",
    "get_model_info",
    "infer_signature",
    "load_model",
    "load_native",
    "locate",
    "log_model",
    "resolve",
    "save_model",
    "seal",
    "set_model",
    "set_signature",
    "verify",
]


def set_model(model: Any) -> None:
    """Say which object is the model, in a Python file that is saved as one."""
    from nbtrail.models import pyfunc

    pyfunc.set_model(model)
