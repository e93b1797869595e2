"""Layers without a Lipschitz constraint, to build constrained ones on."""

from lipbuild.layers.pad_conv2d import PadConv2D

__all__ = ["PadConv2D"]
