from __future__ import annotations

from lipbuild.spec.layers.convolution2d import Convolution2DSpec
from lipbuild.spec.layers.spectral import SpectralSpec


class SpectralConv2D(Convolution2DSpec, SpectralSpec):
    """A convolution whose reshaped kernel is orthogonal and scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""
