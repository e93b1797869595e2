from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from lipbuild.config.sections import Precision


@contextmanager
def dtype_policy(precision: Precision) -> Iterator[None]:
    """Layers that are made meanwhile compute in this precision. Their weights are float32 in each of them."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
