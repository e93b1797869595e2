"""Condensing a model while it trains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from lipbuild.layers.lipschitz_layer import Condensable


def condensable_layers(model: keras.Model) -> Iterator[Any]:
    """Every layer with a `condense`, at any depth: in nested models and in layers that hold layers."""
    for layer in model._flatten_layers(include_self=False, recursive=True):
        if not isinstance(layer, keras.Model) and (
            isinstance(layer, Condensable) or hasattr(layer, "condense")
        ):
            yield layer


@keras.saving.register_keras_serializable(package="lipbuild")
class CondenseCallback(keras.callbacks.Callback):
    """Bring every kernel fully onto its manifold before validation, at the end of epochs and of training.

    Between two calls the kernels satisfy their Lipschitz constant all the same; what this adds is
    orthogonality to full precision. Nested models and wrapped layers are condensed too.

    Args:
        on_epoch: Condense at the end of each epoch, and before what is evaluated in it.
        on_batch: Condense after each batch too.
    """

    def __init__(self, on_epoch: bool = True, on_batch: bool = False) -> None:
        super().__init__()
        self.on_epoch = bool(on_epoch)
        self.on_batch = bool(on_batch)

    def condense(self) -> None:
        """Condense all layers of the model."""
        for layer in condensable_layers(self.model):
            layer.condense()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Condense, if asked for each batch."""
        if self.on_batch:
            self.condense()

    def on_test_begin(self, logs: Any = None) -> None:
        """Condense before validation."""
        if self.on_epoch:
            self.condense()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Condense after the epoch."""
        if self.on_epoch:
            self.condense()

    def on_train_end(self, logs: Any = None) -> None:
        """Condense what training leaves behind, averaged weights included."""
        self.condense()

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"on_epoch": self.on_epoch, "on_batch": self.on_batch}
