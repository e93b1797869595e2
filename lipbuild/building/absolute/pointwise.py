from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lipbuild.building.absolute.absolute import signs
from lipbuild.building.absolute.maximum import MaximumAbsolute


class PointwiseAbsolute(MaximumAbsolute):
    """For ONNX Runtime: x + max(0, w · x) for images, with w a convolution of each channel by itself, 0 or −2.

    ONNX Runtime keeps images in blocks of channels, which convolutions, sums and rectifiers can work on and a
    maximum with another tensor cannot. t + max(0, −2t) = |t| without rounding.
    """

    def call(self, inputs: Any) -> Any:
        """Two operations on images, and a maximum on vectors."""
        if len(inputs.shape) != 4:
            return super().call(inputs)
        weights = (signs(inputs.shape[-1]) - 1.0)[np.newaxis, np.newaxis, :, np.newaxis]
        return inputs + tf.nn.relu(tf.nn.depthwise_conv2d(inputs, weights, [1, 1, 1, 1], "VALID"))
