"""PyTorch Lightning: ``Trainer.fit``."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from nbtrail.autolog import fits
from nbtrail.autolog.curves import Curves
from nbtrail.autolog.framework import Fit, Framework, plain
from nbtrail.autolog.patching import Hook, wrap

NAME = "pytorch"
_EARLY_STOPPING = ("monitor", "mode", "patience", "min_delta")


class Modules(Framework):
    """What a trainer has fitted."""

    NAME = NAME

    def params(self, model: Any, fit: Fit) -> dict[str, Any]:
        """Return hyperparameters of the module, of its optimiser and of the trainer."""
        return {**plain(getattr(model, "hparams", {})), **fit.seen}

    def files(self, model: Any, fit: Fit) -> dict[str, bytes]:  # noqa: ARG002
        """Return the module's layers as text."""
        return {"model_summary.txt": str(model).encode()}


FRAMEWORK = Modules()


def patch(module: ModuleType) -> None:
    """Wrap ``Trainer.fit`` of ``lightning.pytorch`` or ``pytorch_lightning``."""
    wrap(NAME, module.Trainer, "fit", Hook(_begin, _fitted))


def _begin(trainer: Any, *args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    package = "lightning.pytorch" if type(trainer).__module__[:10] == "lightning." else ""
    if not any(hasattr(one, "nbtrail_curves") for one in trainer.callbacks):
        trainer.callbacks.append(_callback(package or "pytorch_lightning"))
    return (trainer, *args), kwargs


def _callback(package: str) -> Any:
    """Return a callback of Lightning's own kind, which pickle makes anew."""
    base = import_module(package).Callback

    class Callback(base):  # type: ignore[misc, valid-type]
        nbtrail_curves = Curves()

        def __reduce__(self) -> Any:
            return _callback, (package,)

        def on_train_epoch_end(self, trainer: Any, _: Any) -> None:
            if trainer.is_global_zero:
                self.nbtrail_curves.log(trainer.callback_metrics, trainer.current_epoch)

    return Callback()


def _fitted(_: Any, trainer: Any, *_args: Any, **_kwargs: Any) -> None:
    """Take note of a module, without the callback that has done its work."""
    trainer.callbacks[:] = [one for one in trainer.callbacks if not hasattr(one, "nbtrail_curves")]
    fits.add(FRAMEWORK, trainer.lightning_module, seen=_params(trainer))


def _params(trainer: Any) -> dict[str, Any]:
    from nbtrail.autolog.pytorch import optimiser_params

    found: dict[str, Any] = {"epochs": trainer.max_epochs}
    for optimiser in trainer.optimizers[:1]:
        found |= optimiser_params(optimiser)
    for stopping in trainer.early_stopping_callbacks[:1]:
        found |= plain({name: getattr(stopping, name, None) for name in _EARLY_STOPPING})
    return found
