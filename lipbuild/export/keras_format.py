from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

SUFFIX = ".keras"


def write(plain: keras.Model, path: Path) -> None:
    """Write a `.keras` file."""
    plain.save(path)


def predict(path: Path, inputs: NDArray[np.float32]) -> NDArray[np.generic]:
    """Run what was written, in safe mode and without any class of lipbuild's."""
    with keras.saving.CustomObjectScope({}):
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    outputs: NDArray[np.generic] = np.asarray(model.predict(inputs, verbose=0, batch_size=256))
    return outputs
