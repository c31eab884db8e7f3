"""What can be asked of a run, and of an experiment: attributes, and where the rest is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from nbtrail.entities import RunKind, Status, VerdictWord
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store.search.grammar import Key, Kind, Value

PREFIXES: Mapping[str, Kind] = {
    "metrics": "metric",
    "params": "param",
    "tags": "tag",
    "datasets": "dataset",
    "attributes": "attribute",
}


@dataclass(frozen=True)
class Keyed:
    """A table with several rows for one run or experiment, told apart by a key.

    `row` is what `owner` refers to, where that is not the number of the row that is asked about.
    """

    table: str
    owner: str
    key: str
    value: str
    row: str = ""


@dataclass(frozen=True)
class Subject:
    """What is searched: a table, and what is known of its rows.

    `since` is the column by which the newest come first. `keyed` has, by kind, where values with
    a key are. `words` has the only values that there are of some attributes.
    """

    name: str
    table: str
    since: str
    attributes: Mapping[str, str]
    keyed: Mapping[Kind, Keyed]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The column of the row's number."""
        return f"{self.table}.id"

    def attribute(self, key: Key) -> str:
        """Return the column of an attribute.

        Raises:
            InvalidValue: there is none of that name; the message has the closest.
        """
        name = _ALIASES.get(key.name.lower(), key.name)
        if name in self.attributes:
            return self.attributes[name]
        prefix, dot, rest = key.name.partition(".")
        close = did_you_mean(prefix, self.prefixes()).replace("'?", f".{rest}'?") if dot else ""
        raise InvalidValue(
            f"{self.name} has no attribute '{key.name:.80}' (character {key.at + 1})."
            f"{close or did_you_mean(key.name, self.attributes)} Write "
            f"{', '.join(f'{prefix}.…' for prefix in self.prefixes()[:-1])} for what was logged."
        )

    def must_have(self, key: Key, value: Value) -> None:
        """Refuse a value that an attribute never has.

        Raises:
            InvalidValue: it is none of the attribute's words; the message has them.
        """
        words = self.words.get(key.name, ()) if key.kind == "attribute" else ()
        if words and value.text not in words:
            raise InvalidValue(
                f"{self.name} never has the {key.name} '{value.text:.40}' (character "
                f"{value.at + 1}).{did_you_mean(value.text, words)} There are {', '.join(words)}."
            )

    def prefixes(self) -> list[str]:
        """Return what may stand before a dot."""
        return [p for p, kind in PREFIXES.items() if kind in self.keyed or kind == "attribute"]

    def place(self, key: Key) -> Keyed:
        """Return where the values of a key are.

        Raises:
            InvalidValue: this subject has nothing of that kind.
        """
        if key.kind not in self.keyed:
            raise InvalidValue(
                f"{self.name} has no {key.kind}s (character {key.at + 1}): ask for "
                f"{', '.join(self.attributes)}, or {self.prefixes()[0]}.…"
            )
        found = self.keyed[key.kind]
        if key.kind == "dataset" and key.name not in DATASET_COLUMNS:
            raise InvalidValue(
                f"A dataset has no '{key.name:.80}' (character {key.at + 1})."
                f"{did_you_mean(key.name, DATASET_COLUMNS)} Ask for its name, digest or context."
            )
        return found


# What is below the store is stored without the store's own place, which is bound here.
ARTIFACTS = (
    "(case when run.artifact_uri glob '[/]*' or run.artifact_uri glob '*:*' then '' else ? end"
    " || run.artifact_uri)"
)
_VERDICT = "(select verdict from run_verdict where run_verdict.run = run.id)"
_EXPERIMENT = "(select experiment.name from experiment where experiment.id = run.experiment)"
_ALIASES = {"experiment": "experiment_name"} | {
    "created": "start_time",
    "run name": "run_name",
}  # MLflow's
DATASET_COLUMNS = {"name": "dataset.name", "digest": "dataset.digest", "context": "input.context"}

RUN = Subject(
    name="A run",
    table="run",
    since="run.started",
    attributes={
        "run_id": "run.uuid",
        "run_name": "run.name",
        "status": "run.status",
        "start_time": "run.started",
        "end_time": "run.ended",
        "duration": "((run.ended - run.started) / 1000.0)",
        "artifact_uri": ARTIFACTS,
        "user_id": "run.user",
        "kind": "run.kind",
        "lifecycle_stage": "run.lifecycle_stage",
        "notebook": "run.notebook",
        "experiment_id": "cast(run.experiment as text)",
        "experiment_name": _EXPERIMENT,
        "trail.verdict": _VERDICT,
    },
    keyed={
        "metric": Keyed("series", "run", "metric = ? and count > 0", "last"),
        "param": Keyed("param", "run", "key = ?", "value"),
        "tag": Keyed("tag", "run", "key = ?", "value"),
        "dataset": Keyed("input join dataset on dataset.id = input.dataset", "run", "", ""),
    },
    words={
        "status": get_args(Status),
        "kind": get_args(RunKind),
        "lifecycle_stage": ("active", "deleted"),
        "trail.verdict": get_args(VerdictWord),
    },
)
EXPERIMENT = Subject(
    name="An experiment",
    table="experiment",
    since="experiment.created",
    attributes={
        "name": "experiment.name",
        "experiment_id": "cast(experiment.id as text)",
        "creation_time": "experiment.created",
        "last_update_time": "experiment.updated",
    },
    keyed={"tag": Keyed("experiment_tag", "experiment", "key = ?", "value")},
)
# A version is no row of a run's: what its run has measured is looked up by the run.
_SOURCE_RUN = "(select source.id from run as source where source.uuid = model_version.run)"
_ALIASES_OF_VERSION = (
    "(select group_concat(alias, ' ') from model_alias where model_alias.name = model_version.name "
    "and model_alias.version = model_version.version)"
)
_FLAVOR = (
    "coalesce((select nullif(logged_model.flavor, '') from logged_model "
    "where logged_model.id = model_version.model_id), model_version.flavor)"
)
VERSION = Subject(
    name="A version",
    table="model_version",
    since="model_version.updated",
    attributes={
        "name": "model_version.name",
        "version": "model_version.version",
        "version_number": "model_version.version",
        "stage": "model_version.stage",
        "current_stage": "model_version.stage",
        "flavor": _FLAVOR,
        "algorithm": "model_version.algorithm",
        "columns": "model_version.columns",
        "size": "model_version.size",
        "aliases": _ALIASES_OF_VERSION,
        "description": "model_version.description",
        "status": "model_version.status",
        "run_id": "model_version.run",
        "model_id": "model_version.model_id",
        "source": "model_version.source",
        "source_path": "model_version.source",
        "created_time": "model_version.created",
        "updated_time": "model_version.updated",
        "creation_timestamp": "model_version.created",
        "last_updated_timestamp": "model_version.updated",
    },
    keyed={
        "metric": Keyed("series", "run", "metric = ? and count > 0", "last", _SOURCE_RUN),
        "param": Keyed("param", "run", "key = ?", "value", _SOURCE_RUN),
        "tag": Keyed(
            "model_version_tag as own",
            "own.name",
            "own.version = model_version.version and own.key = ?",
            "own.value",
            "model_version.name",
        ),
    },
)
MODEL = Subject(
    name="A registered model",
    table="registered_model",
    since="registered_model.updated",
    attributes={
        "name": "registered_model.name",
        "description": "registered_model.description",
        "created_time": "registered_model.created",
        "updated_time": "registered_model.updated",
        "creation_timestamp": "registered_model.created",
        "last_updated_timestamp": "registered_model.updated",
    },
    keyed={
        "tag": Keyed(
            "registered_model_tag as own",
            "own.name",
            "own.key = ?",
            "own.value",
            "registered_model.name",
        ),
    },
)
SUBJECTS = {"run": RUN, "experiment": EXPERIMENT}


def is_seconds(key: Key) -> bool:
    """Return whether an attribute is a number of seconds."""
    return key.kind == "attribute" and key.name == "duration"


def is_time(key: Key) -> bool:
    """Return whether an attribute is a time."""
    return key.kind == "attribute" and (key.name.endswith("_time") or key.name.lower() == "created")
