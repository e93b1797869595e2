from __future__ import annotations

from lipbuild.spec.layers.grouped_convolution2d import GroupedConvolution2DSpec
from lipbuild.spec.layers.spectral import SpectralSpec


class SpectralConv2D(GroupedConvolution2DSpec, SpectralSpec):
    """A convolution whose reshaped kernel is orthogonal and scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""
