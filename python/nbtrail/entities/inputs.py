"""What runs use and make: datasets, files, models."""

from __future__ import annotations

from nbtrail.entities.base import Record


class InputTag(Record, frozen=True):
    """One tag of an input; ``mlflow.data.context`` says what the dataset was used for."""

    key: str
    value: str


class Dataset(Record, frozen=True):
    """Data that a run used. `digest` is a hash of the content; `source` says where it is.

    `schema` and `profile` are JSON texts, as on MLflow's wire.
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class DatasetSummary(Record, frozen=True):
    """A dataset, and what is known of its use.

    `created` is when the store first saw it, `runs` how many runs used it, `last_used` when the
    latest of those started, `contexts` what for.
    """

    dataset: Dataset
    created: int
    runs: int
    last_used: int
    contexts: list[str] = []


class DatasetInput(Record, frozen=True):
    """A dataset as one run used it. `execution` is the CellExecution that linked it."""

    dataset: Dataset
    tags: list[InputTag] = []
    execution: int | None = None


class LoggedModelInput(Record, frozen=True):
    """A model that a run used."""

    model_id: str


class RunInputs(Record, frozen=True):
    """What a run used."""

    dataset_inputs: list[DatasetInput] = []
    model_inputs: list[LoggedModelInput] = []


class LoggedModelOutput(Record, frozen=True):
    """A model that a run logged."""

    model_id: str
    step: int = 0


class RunOutputs(Record, frozen=True):
    """What a run made."""

    model_outputs: list[LoggedModelOutput] = []


class RunFile(Record, frozen=True):
    """A file that a run has made, and which cell made it.

    `path` is where it is among the run's artifacts, or would be: `kept` is False for one that is
    only listed. `size` in bytes and `digest` (SHA-256) are None where nobody has looked.
    """

    path: str
    kept: bool = True
    size: int | None = None
    digest: str | None = None
    execution: int | None = None


class FileInfo(Record, frozen=True):
    """An artifact or a folder of them; `file_size` in bytes, None for a folder."""

    path: str
    is_dir: bool
    file_size: int | None
