from __future__ import annotations

from lipbuild.spec.layers.grouped_convolution2d import GroupedConvolution2DSpec


class FrobeniusConv2D(GroupedConvolution2DSpec):
    """A convolution whose kernel has ‖W‖_F = 1 and is scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""
