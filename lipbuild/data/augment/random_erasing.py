from __future__ import annotations

from typing import Any

import tensorflow as tf

from lipbuild.config.augmentation import RandomErasing
from lipbuild.data.draws import Draws


def random_erasing(spec: RandomErasing, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Images (samples, height, width, channels), a rectangle of each overwritten."""
    # A rectangle of this share of both sides has the share of the area that is drawn.
    side = tf.sqrt(draws.uniform(*spec.scale))
    erased = tf.cast(draws.uniform() < spec.factor, tf.float32)
    inside = (
        _covered(x.shape[1], side, draws)[:, :, tf.newaxis] & _covered(x.shape[2], side, draws)[:, tf.newaxis]
    )
    inside = inside & (erased > 0.0)[:, tf.newaxis, tf.newaxis]
    return tf.where(inside[..., tf.newaxis], tf.cast(spec.fill_value, x.dtype), x), y


def _covered(size: int, side: Any, draws: Draws) -> Any:
    """Which places along one axis lie in the rectangle, (samples, size)."""
    reach = 0.5 * side * size
    centre = draws.uniform(0.0, float(size))
    places = tf.range(size, dtype=tf.float32)[tf.newaxis] + 0.5
    return tf.abs(places - centre[:, tf.newaxis]) < reach[:, tf.newaxis]
