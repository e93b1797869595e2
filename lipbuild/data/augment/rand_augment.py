from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import tensorflow as tf

from lipbuild.config.augmentation import RandAugment
from lipbuild.data.draws import Draws


def rand_augment(spec: RandAugment, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Images (samples, height, width, 3), each changed by Keras's layer, whose operations are drawn for each here."""
    # The layer makes variables, which no graph allows, and a graph that is being made belongs to its thread.
    with ThreadPoolExecutor(1) as outside:
        layer, seeds = outside.submit(_layer, spec).result()
    seeds.draws = draws
    # Strengths are drawn for the whole batch, as everything is.
    batch = tf.zeros((draws.batch_size, *x.shape[1:]), x.dtype)
    transforms = layer.get_random_transformation(batch)["transforms"]
    own = {
        name: {key: _own(value, draws) for key, value in (values or {}).items()}
        for name, values in transforms.items()
    }
    chosen = draws.integers(0, len(transforms) - 1, (spec.num_ops, 1, 1, 1))
    indices = [chosen[:, i] for i in range(spec.num_ops)]
    changed = layer.transform_images(x, {"transforms": own, "layer_idxes": indices})
    applied = draws.uniform(shape=(1, 1, 1)) < spec.share
    return tf.where(applied, tf.cast(changed, x.dtype), x), y


def _layer(spec: RandAugment) -> tuple[Any, _Drawn]:
    """Keras's layer, and where it and its parts take their seeds from."""
    layer = keras.layers.RandAugment(
        spec.value_range, spec.num_ops, spec.factor, data_format="channels_last", seed=0
    )
    seeds = _Drawn(seed=0)
    for part in (layer, *(part for part in vars(layer).values() if isinstance(part, keras.layers.Layer))):
        part.generator = seeds
    equalize = layer.equalization.transform_images

    def one_by_one(images: Any, transformation: Any) -> Any:
        # Keras takes the histogram of all images of a batch together.
        return tf.map_fn(lambda image: equalize(image[tf.newaxis], transformation)[0], images)

    layer.equalization.transform_images = one_by_one
    return layer, seeds


def _own(value: Any, draws: Draws) -> Any:
    """The rows of the slice, of what has one for each sample of the batch."""
    if isinstance(value, tf.Tensor) and value.shape.rank and value.shape[0] == draws.batch_size:
        return value[draws.begin : draws.end]
    return value


class _Drawn(keras.random.SeedGenerator):  # type: ignore[misc]
    """The seeds of Keras's layers, drawn as all others are."""

    draws: Any = None

    def next(self, ordered: bool = True) -> Any:
        """The next one."""
        return self.draws.seed()
