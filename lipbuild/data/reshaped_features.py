from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.features import Features, Stage


class ReshapedFeatures(Features):
    """Inputs that are read as they are needed, each in another shape of the same size.

    Args:
        features: The inputs.
        shape: The shape of one sample.
    """

    in_memory = False

    def __init__(self, features: Features, shape: tuple[int, ...]) -> None:
        self._features = features
        self._shape = shape

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self._shape

    @property
    def always_finite(self) -> bool:
        """Whether the inputs' are."""
        return self._features.always_finite

    def __len__(self) -> int:
        return len(self._features)

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some samples, (indices, *shape)."""
        return self._features.take(indices).reshape(len(indices), *self._shape)

    def stages(self) -> Sequence[Stage]:
        """Those of the inputs, and a reshaping."""
        import tensorflow as tf

        return [*self._features.stages(), lambda values: tf.reshape(values, [-1, *self._shape])]

    def with_channel(self) -> ReshapedFeatures:
        """The same samples with a last axis of size 1."""
        return ReshapedFeatures(self._features, (*self._shape, 1))
