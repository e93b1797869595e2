from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.resize_axis import ResizeAxis
from lipbuild.network.specs import LayerSpec
from lipbuild.network.specs.activations import ReLU
from lipbuild.network.specs.padding import Cropping2D, ZeroPadding2D
from lipbuild.network.specs.shaping import Permute

Values = NDArray[np.float32]


def forward(layers: Sequence[LayerSpec], x: Values) -> Values:
    """What the layers of a preprocessing make of a batch, in float32 as the network computes it.

    Args:
        layers: Layers in a row, as `PreprocessSpec.unfold` gives them.
        x: (samples, *shape).
    """
    for spec in layers:
        x = _one(spec, x)
    return x


def _one(spec: LayerSpec, x: Values) -> Values:
    if isinstance(spec, Affine):
        arguments = spec.arguments()
        factors = np.asarray(arguments["scale"], np.float32)
        return np.asarray(x * factors + np.asarray(arguments["offset"], np.float32), np.float32)
    if isinstance(spec, ReLU):
        return np.asarray(np.maximum(x, np.float32(0.0)), np.float32)
    if isinstance(spec, Permute):
        return np.transpose(x, (0, *spec.dims))
    if isinstance(spec, ResizeAxis):
        return np.asarray(x @ np.asarray(spec.fixed_weights()[0], np.float32), np.float32)
    if isinstance(spec, ZeroPadding2D):
        return np.pad(x, ((0, 0), *spec.padding, (0, 0)))
    if isinstance(spec, Cropping2D):
        (top, bottom), (left, right) = spec.cropping
        return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]
    raise TypeError(f"{spec.kind} is not a step of a preprocessing")
