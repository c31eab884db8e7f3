"""PyTorch: the hyperparameters of the optimisers that train something; and Lightning.

The loss is the loop's own, and so takes one line in it:
``nbtrail.log_metric("loss", loss.item(), step=step)``
"""

from __future__ import annotations

from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from nbtrail.autolog import fits, lightning, spelling
from nbtrail.autolog.framework import Fit, Framework, plain
from nbtrail.autolog.patching import within_call
from nbtrail.autolog.switching import autolog_of
from nbtrail.tracking import active_run
from nbtrail.tracking.failures import never_raises

NAME = "pytorch"
OLDEST = (2, 0)


class Optimisers(Framework):
    """What changes a model's parameters."""

    NAME = NAME

    def params(self, model: Any, fit: Fit) -> dict[str, Any]:  # noqa: ARG002
        """Return the optimiser's name and hyperparameters."""
        return optimiser_params(model)


def optimiser_params(optimiser: Any) -> dict[str, Any]:
    """Return an optimiser's name and hyperparameters, as they were when it was made."""
    return {"optimizer_name": type(optimiser).__name__, **plain(optimiser.defaults)}


autolog = autolog_of(NAME)

FRAMEWORK = Optimisers()
_told: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_hooks: list[Any] = []


def patch(module: ModuleType) -> None:
    """Have PyTorch tell of the optimisers' steps, or wrap what Lightning trains with."""
    if module.__name__ != "torch":
        lightning.patch(module)
    elif not _hooks:
        from torch.optim.optimizer import register_optimizer_step_post_hook

        _hooks.append(register_optimizer_step_post_hook(_stepped))


def unpatch(module: ModuleType) -> None:
    """Have PyTorch tell no more."""
    while module.__name__ == "torch" and _hooks:
        _hooks.pop().remove()


@never_raises("an optimiser")
def _stepped(optimiser: Any, _args: Any, _kwargs: Any) -> None:
    """Take note of an optimiser when it is first used in a run."""
    run = active_run()
    if (run is not None and _told.get(optimiser) == run.run_id) or within_call():
        return
    fits.add(FRAMEWORK, optimiser)
    run = active_run()
    if run is not None:
        _told[optimiser] = run.run_id


def __getattr__(name: str) -> Any:
    return spelling.function_of(NAME, name)
