"""Printing a loss's parameter while training."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="lipbuild")
class LossParamLog(keras.callbacks.Callback):
    """Prints a parameter of the model's loss at the end of epochs.

    Args:
        param_name: Name of the loss's attribute.
        rate: Print every so many epochs.
    """

    def __init__(self, param_name: str, rate: int = 1) -> None:
        super().__init__()
        self.param_name = param_name
        self.rate = rate

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print the parameter."""
        if epoch % self.rate == 0:
            value = float(keras.ops.convert_to_numpy(getattr(self.model.loss, self.param_name)))
            print(f"\n{self.model.loss.name} {self.param_name} {value:g}")

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"param_name": self.param_name, "rate": self.rate}
