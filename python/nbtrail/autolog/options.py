"""What autolog is told to record, by framework, in MLflow's words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.tracking.failures import tell_once

_MLFLOWS_OWN = (
    "disable_for_unsupported_versions exclusive silent registered_model_name pos_label "
    "serialization_format importance_types model_format log_every_n_step log_every_n_epoch "
    "every_n_iter checkpoint checkpoint_monitor checkpoint_mode checkpoint_save_best_only "
    "checkpoint_save_weights_only checkpoint_save_freq saved_model_kwargs keras_model_kwargs "
    "log_model_allowlist log_traces"
).split()


@dataclass(frozen=True)
class Options:
    """What is recorded of the models of one framework.

    Attributes:
        log_models: the fitted models.
        log_input_examples: with a model, the first rows that it was fitted to.
        log_model_signatures: with a model, what it takes and gives.
        log_datasets: the data that a model was fitted to, by its digest.
        log_training_metrics: how good it is on that data, and a confusion matrix.
        log_post_training_metrics: what `sklearn.metrics` and `score` say of its predictions.
        log_figures: feature importance and confusion matrices.
        max_tuning_runs: so many candidates of a search get a run; None for all of them.
        extra_tags: tags for the runs in which something was fitted.
    """

    log_models: bool = True
    log_input_examples: bool = True
    log_model_signatures: bool = True
    log_datasets: bool = True
    log_training_metrics: bool = True
    log_post_training_metrics: bool = True
    log_figures: bool = True
    max_tuning_runs: int | None = 5
    extra_tags: dict[str, str] | None = None


BESIDES = Options(log_training_metrics=False)
"""The recorder's own: it adds no metric that nobody has asked for."""

_on: dict[str, Options] = {}


def options_of(framework: str) -> Options | None:
    """Return what is recorded of a framework; None where that is nothing."""
    return _on.get(framework)


def turn_on(framework: str, options: Options) -> None:
    """Record a framework's models from now on."""
    _on[framework] = options


def turn_off(framework: str) -> None:
    """Record none of a framework's models any more."""
    _on.pop(framework, None)


def options_from(given: dict[str, Any]) -> Options:
    """Return the options that arguments say; MLflow's own that mean nothing here are told.

    Raises:
        InvalidValue: there is no such argument, or its value makes no sense.
    """
    known = [field.name for field in fields(Options)]
    for name in given.keys() - {*known}:
        if name not in _MLFLOWS_OWN:
            close = did_you_mean(name, known)
            raise InvalidValue(f"nbtrail.autolog has no argument '{name}'.{close}")
        tell_once(f"nbtrail.autolog has no use for MLflow's argument '{name}': it is ignored.")
    options = Options(**{name: value for name, value in given.items() if name in known})
    most = options.max_tuning_runs
    if most is not None and (not isinstance(most, int) or most < 0):
        raise InvalidValue(
            f"max_tuning_runs is a number from 0, or None for all, not {most!r:.40}."
        )
    return options
