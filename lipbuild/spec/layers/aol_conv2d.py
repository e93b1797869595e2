from __future__ import annotations

from lipbuild.spec.layers.convolution2d import Convolution2DSpec


class AOLConv2D(Convolution2DSpec):
    """A convolution, each channel scaled by (Σ|autocorrelation|)^(−½): constant at most k for all weights."""
