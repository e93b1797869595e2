from __future__ import annotations

from typing import Any

import tensorflow as tf

from lipbuild.config.augmentation import RandomFlip
from lipbuild.data.draws import Draws


def random_flip(spec: RandomFlip, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Images (samples, height, width, channels), each mirrored or not."""
    if spec.mode != "vertical":
        x = tf.where(draws.uniform(shape=(1, 1, 1)) < 0.5, x[:, :, ::-1], x)
    if spec.mode != "horizontal":
        x = tf.where(draws.uniform(shape=(1, 1, 1)) < 0.5, x[:, ::-1], x)
    return x, y
