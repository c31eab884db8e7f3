"""Writing down a fitted model: what is known of it, and the model itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, count
from typing import Any

from nbtrail.autolog import searches
from nbtrail.autolog.framework import Fit
from nbtrail.autolog.options import Options, options_of
from nbtrail.tracking import ActiveRun
from nbtrail.tracking.failures import report


def write(run: ActiveRun, model: Any, fit: Fit, name: str, taken: Mapping[str, Any]) -> bool:
    """Record a fitted model; what cannot be recorded does not stop the rest.

    Args:
        run: the run that it belongs to.
        model: the model.
        fit: what was noted when it was fitted.
        name: what it is called.
        taken: see `nbtrail.autolog.fits.record`.

    Returns:
        whether the model itself was kept.
    """
    options = options_of(fit.framework.NAME) or Options()
    steps = (
        lambda: _params(run, model, fit, name, taken),
        lambda: _metrics(run, model, fit),
        lambda: run.set_tags(fit.framework.tags(model) | (options.extra_tags or {})),
        lambda: run.log_inputs(fit.datasets),
        lambda: _files(run, model, fit, options),
        lambda: searches.record_trials(run, fit.framework, model, options.max_tuning_runs),
        lambda: _model(model, fit, name, options),
    )
    return [_succeeds(step, model) for step in steps][-1] is True


def _succeeds(step: Callable[[], bool | None], model: Any) -> bool | None:
    try:
        return step()
    except Exception:
        report(f"the fitted {type(model).__name__}")
        return False


def _params(run: ActiveRun, model: Any, fit: Fit, name: str, taken: Mapping[str, Any]) -> None:
    known = run.data.params | {key: str(value) for key, value in taken.items()}
    params = {
        _free(key, str(value), name, known): value
        for key, value in fit.framework.params(model, fit).items()
    }
    if params:
        run.log_params(params, "autolog")


def _free(key: str, value: str, name: str, known: Mapping[str, str]) -> str:
    """Return what to call a param: its key, or with the model's name before it, and a number."""
    names = chain([key, f"{name}.{key}"], (f"{name}_{number}.{key}" for number in count(2)))
    return next(label for label in names if known.get(label, value) == value)


def _metrics(run: ActiveRun, model: Any, fit: Fit) -> None:
    for key, value in fit.framework.metrics(model, fit).items():
        run.log_metric(key, value)
    for key, values in fit.framework.series(model, fit).items():
        for step, value in enumerate(values):
            run.log_metric(key, value, step)


def _files(run: ActiveRun, model: Any, fit: Fit, options: Options) -> None:
    files = fit.framework.files(model, fit)
    if options.log_figures:
        files |= fit.framework.figures(model, fit)
    run.write_artifacts(files)


def _model(model: Any, fit: Fit, name: str, options: Options) -> bool:
    """Keep the model, if there is a flavor for its kind."""
    from nbtrail.models import flavors, infer_signature, log_model

    if not options.log_models or not flavors.known(model):
        return False
    signature = None
    if fit.inputs is not None and options.log_model_signatures:
        signature = infer_signature(fit.inputs, fit.framework.outputs(model, fit))
    # With an example and no signature, the model would be asked to predict.
    example = fit.inputs if options.log_input_examples and signature is not None else None
    # Nobody has said how: a pickle is better than no model.
    how: dict[str, Any] = (
        {"pickle_if_needed": True} if flavors.for_model(model).NAME == "sklearn" else {}
    )
    log_model(model, name, input_example=example, signature=signature, **how)
    return True
