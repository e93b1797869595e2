from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

SUFFIX = ""


def write(plain: keras.Model, path: Path) -> None:
    """Write a TensorFlow SavedModel with the signature `serve`, of any batch size."""
    plain.export(path, format="tf_saved_model", verbose=False)


def predict(path: Path, inputs: NDArray[np.float32]) -> NDArray[np.generic]:
    """Run what was written through TensorFlow alone."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    outputs: NDArray[np.generic] = np.concatenate(
        [
            np.asarray(loaded.serve(tf.constant(inputs[start : start + 256])))
            for start in range(0, len(inputs), 256)
        ]
    )
    return outputs
