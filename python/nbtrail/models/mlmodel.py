"""The `MLmodel` file: what a model directory says about itself, in MLflow's YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models.signatures.schema import ModelSignature, Schema

FILE = "MLmodel"
PYFUNC = "python_function"
FORMAT_VERSION = "3.17.2"  # the release of MLflow whose format is written

MOST = 16 << 20  # bytes: the signature of a hundred thousand columns
MOST_ALIASES = 20  # of one value under two names: more could unfold without end
DEEPEST = 200  # levels of brackets, far more than any type has

# What names a file or a folder of the model, in MLflow's flavors and nbtrail's.
_PATHS = frozenset(
    (
        "code data model_binary model_code_path model_data model_path pickled_model python_model"
    ).split()
)

# The quick one where libyaml is there; both build plain values only.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

S = TypeVar("S", bound=msgspec.Struct)


class PyFuncConfig(msgspec.Struct, frozen=True):
    """What the ``python_function`` flavor says: who loads the model, from what, to call what."""

    loader_module: str
    code: str | None = None
    data: str | None = None
    predict_fn: str = "predict"


class MLmodel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of an ``MLmodel`` file. Keys that are not listed here are not read.

    `flavors` maps each flavor to what it needs for loading. `utc_time_created` is text, and
    `signature_dict` has JSON strings; `signature` is the signature itself.
    """

    artifact_path: str | None = None
    flavors: dict[str, dict[str, Any]]
    metadata: dict[str, Any] | None = None
    mlflow_version: str | None = None
    model_id: str | None = None
    model_size_bytes: int | None = None
    model_uuid: str | None = None
    run_id: str | None = None
    saved_input_example_info: dict[str, Any] | None = None
    signature_dict: dict[str, str | None] | None = msgspec.field(default=None, name="signature")
    utc_time_created: str | None = None

    @property
    def signature(self) -> ModelSignature | None:
        """The signature, if the model has one."""
        return ModelSignature.from_dict(self.signature_dict) if self.signature_dict else None

    def get_input_schema(self) -> Schema | None:
        """Return what the model takes, if that is known."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """Return what the model gives, if that is known."""
        return self.signature.outputs if self.signature else None

    def write(self, directory: Path) -> None:
        """Write the file into a model directory."""
        text = yaml.safe_dump(msgspec.to_builtins(self), sort_keys=True, allow_unicode=True)
        path = directory / FILE
        path.unlink(missing_ok=True)  # the store may have another name for the same file
        path.write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> MLmodel:
        """Read the file of a model directory.

        Raises:
            NotFound: the directory has no ``MLmodel`` file.
            InvalidValue: the file is damaged, or asks for objects to be built.
        """
        try:
            about = msgspec.convert(_parsed(directory / FILE), cls)
            _check_paths(directory, about.flavors)
            return about
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(
                f"{directory} is not a model directory: it has no {FILE} file."
            ) from error
        except msgspec.ValidationError as error:
            raise _damaged(directory, error) from error
        except (yaml.YAMLError, UnicodeError, RecursionError) as error:
            raise _damaged(directory, "it is not YAML, or more than a model needs") from error


def _check_paths(directory: Path, flavors: dict[str, dict[str, Any]]) -> None:
    """Refuse files outside of the directory: no digest of it is known."""
    for flavor, config in flavors.items():
        for key in _PATHS & config.keys():
            path = Path(str(config[key] or ""))
            if path.is_absolute() or ".." in path.parts:
                raise _damaged(directory, f"flavor {flavor}: '{key}' leads out of the directory")


def _parsed(path: Path) -> Any:
    """Return what a YAML file says; builds no objects, and does not unfold without end."""
    if path.stat().st_size > MOST:
        raise yaml.YAMLError("too large")
    text = path.read_text(encoding="utf-8")
    depth = aliases = 0
    for event in yaml.parse(text, _Loader):
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if aliases > MOST_ALIASES or depth > DEEPEST:
            raise yaml.YAMLError("too deep, or it repeats itself")
    return yaml.load(text, _Loader)  # noqa: S506 - one of the two safe ones


def flavor_config(config: dict[str, Any], shape: type[S], directory: Path, flavor: str) -> S:
    """Return what the file in `directory` says about a flavor, as a record.

    Raises:
        InvalidValue: a key is missing or of another type; the message names file and key.
    """
    try:
        return msgspec.convert(config, shape)
    except msgspec.ValidationError as error:
        raise _damaged(directory, f"flavor {flavor}: {error}") from error


def _damaged(directory: Path, reason: object) -> InvalidValue:
    return InvalidValue(f"The {FILE} file in {directory} is damaged: {reason}.")
