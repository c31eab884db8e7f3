"""PyTorch, Lightning and Keras, trained for real: `make test-full` installs them."""

from __future__ import annotations

import pytest

import nbtrail
from nbtrail.entities import Run
from nbtrail.store import Store
from store import scripts

pytestmark = pytest.mark.full

DATA = """
    import warnings; warnings.simplefilter("ignore")
    import nbtrail; nbtrail.autolog()
    import torch
    torch.manual_seed(0)
    X = torch.randn(64, 3); y = X.sum(1, keepdim=True)
"""
LIGHTNING = (
    DATA
    + """
    import {package} as pl
    class Module(pl.LightningModule):
        def __init__(self, lr=0.1, width=3):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(width, 1)
        def loss(self, batch):
            return ((self.layer(batch[0]) - batch[1]) ** 2).mean()
        def training_step(self, batch, _):
            loss = self.loss(batch)
            self.log("train_loss", loss, on_epoch=True, on_step=False)
            return loss
        def validation_step(self, batch, _):
            self.log("val_loss", self.loss(batch))
        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=16)
    trainer = pl.Trainer(
        max_epochs=3, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, accelerator="cpu",
        callbacks=[pl.callbacks.EarlyStopping("val_loss", patience=2)],
    )
    trainer.fit(Module(), data, data)
    assert len(trainer.callbacks) == 1, trainer.callbacks
    """
)
KERAS = (
    DATA
    + """
    import keras
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.25), loss="mse", metrics=["mae"])
    features, target = X.numpy(), y.numpy()
    history = model.fit(features, target, 16, epochs=3, verbose=0, validation_split=0.25)
    {more}
    """
)


def only_run(store: Store) -> Run:
    store.drain()
    (run,) = store.runs.search()[0]
    return run


def counts(run: Run) -> dict[str, int]:
    return {summary.key: summary.count for summary in run.data.metric_summaries}


def test_a_loop_of_pytorch(store: Store) -> None:
    scripts.run(
        DATA
        + """
    net = torch.nn.Linear(3, 1)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for step in range(5):
        optimiser.zero_grad()
        loss = ((net(X) - y) ** 2).mean()
        loss.backward()
        optimiser.step()
        nbtrail.log_metric("loss", loss.item(), step=step)
    """
    )
    run = only_run(store)
    assert counts(run) == {"loss": 5}
    assert run.data.params["optimizer_name"] == "SGD"
    assert run.data.params["lr"] == "0.05"
    assert run.data.params["momentum"] == "0.9"


def test_an_optimiser_that_does_nothing_opens_no_run(store: Store) -> None:
    scripts.run(DATA + "    torch.optim.SGD(torch.nn.Linear(3, 1).parameters(), lr=0.05)")
    assert store.runs.search()[0] == []


def test_turning_it_off_leaves_no_hook(store: Store) -> None:
    scripts.run(
        DATA
        + """
    from torch.optim import optimizer
    assert optimizer._global_optimizer_post_hooks
    nbtrail.pytorch.autolog(disable=True)
    assert not optimizer._global_optimizer_post_hooks
    """
    )


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_lightning(store: Store, package: str) -> None:
    scripts.run(LIGHTNING.format(package=package))
    run = only_run(store)
    assert counts(run) == {"train_loss": 3, "val_loss": 3}
    expected = {"lr": "0.1", "width": "3", "epochs": "3", "optimizer_name": "Adam", "patience": "2"}
    assert expected.items() <= run.data.params.items()
    summary = nbtrail.artifacts.load_text(f"runs:/{run.info.run_id}/model_summary.txt")
    assert "Linear" in summary


def test_keras(store: Store) -> None:
    scripts.run(KERAS.format(more=""), KERAS_BACKEND="torch")
    run = only_run(store)
    assert counts(run) == {"loss": 3, "mae": 3, "val_loss": 3, "val_mae": 3}
    expected = {"epochs": "3", "batch_size": "16", "opt_name": "adam", "opt_learning_rate": "0.25"}
    assert expected.items() <= run.data.params.items()
    (used,) = run.inputs.dataset_inputs
    assert [tag.value for tag in used.tags] == ["train"]
    assert "dense" in nbtrail.artifacts.load_text(f"runs:/{run.info.run_id}/model_summary.txt")


def test_keras_and_a_callback_of_ones_own(store: Store) -> None:
    more = """
    mine = [keras.callbacks.EarlyStopping("loss")]
    model.fit(features, target, 16, 2, 0, mine)
    assert len(mine) == 1
    import pickle
    from nbtrail.autolog.keras import _callback
    assert isinstance(pickle.loads(pickle.dumps(_callback())), keras.callbacks.Callback)
    nbtrail.keras.autolog(disable=True)
    model.fit(features, target, verbose=0)
    """
    scripts.run(KERAS.format(more=more), KERAS_BACKEND="torch")
    assert counts(only_run(store))["loss"] == 5
