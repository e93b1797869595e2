from __future__ import annotations

from typing import Any

import tensorflow as tf

from lipbuild.building.absolute.absolute import Absolute, signs


class SlopeAbsolute(Absolute):
    """For LiteRT: a rectifier whose slope below zero is ±1, which its converter knows as one `PRELU`."""

    def call(self, inputs: Any) -> Any:
        """max(x, 0) + slope · min(x, 0), spelled as the converter looks for it."""
        slopes = signs(inputs.shape[-1]).reshape((*(1,) * (len(inputs.shape) - 2), -1))
        return tf.nn.relu(inputs) + -slopes * tf.nn.relu(-inputs)
