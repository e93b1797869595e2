"""Changing a loss's parameter while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="lipbuild")
class LossParamScheduler(keras.callbacks.Callback):
    """Sets a parameter of the model's loss before each step, by linear interpolation over steps.

    Args:
        param_name: Name of the loss's variable: `tau`, `alpha`, `min_margin`.
        fp: Values of the parameter.
        xp: The steps at which it takes them, ascending.
        step: The step to start from.

    Raises:
        ValueError: Fp and xp differ in length, or the loss has no such variable.
    """

    def __init__(self, param_name: str, fp: Sequence[float], xp: Sequence[float], step: int = 0) -> None:
        super().__init__()
        if len(fp) != len(xp) or not len(fp):
            raise ValueError(f"fp and xp must be of one length. Received: fp={fp!r}, xp={xp!r}")
        self.param_name = param_name
        self.fp = list(fp)
        self.xp = list(xp)
        self.step = step

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the parameter."""
        variable = getattr(self.model.loss, self.param_name, None)
        if not isinstance(variable, keras.Variable):
            raise ValueError(f"The loss {self.model.loss!r} has no variable {self.param_name!r}.")
        variable.assign(np.interp(self.step, self.xp, self.fp))
        self.step += 1

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"param_name": self.param_name, "fp": self.fp, "xp": self.xp, "step": self.step}
