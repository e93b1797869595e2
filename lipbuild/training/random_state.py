"""The state of Python's and NumPy's random generators, as arrays.

TensorFlow's part of a training draws nothing that has a state: batches and augmentations are functions of the seed, the
epoch and the step, and what layers draw comes from their own variables.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np


def random_state() -> dict[str, np.ndarray]:
    """The present state."""
    _, python, _ = random.getstate()
    _, keys, position, has_gauss, gauss = np.random.get_state()
    return {
        "python": np.asarray(python, np.int64),
        "numpy_keys": np.asarray(keys, np.int64),
        "numpy_rest": np.asarray([position, has_gauss, gauss], np.float64),
    }


def set_random_state(state: Mapping[str, np.ndarray]) -> None:
    """Go on from a state that was kept."""
    random.setstate((3, tuple(int(word) for word in state["python"]), None))
    position, has_gauss, gauss = state["numpy_rest"]
    keys = state["numpy_keys"].astype(np.uint32)
    np.random.set_state(("MT19937", keys, int(position), int(has_gauss), float(gauss)))
