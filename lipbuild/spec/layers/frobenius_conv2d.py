from __future__ import annotations

from lipbuild.spec.layers.convolution2d import Convolution2DSpec


class FrobeniusConv2D(Convolution2DSpec):
    """A convolution whose kernel has ‖W‖_F = 1 and is scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""
