"""Lipschitz-constrained Keras layers, with deel-lip's names and arguments."""

from lipbuild.layers.group_sort2 import GroupSort2
from lipbuild.layers.lipschitz_layer import Condensable, LipschitzLayer
from lipbuild.layers.scaled_average_pooling2d import ScaledAveragePooling2D
from lipbuild.layers.scaled_global_average_pooling2d import ScaledGlobalAveragePooling2D
from lipbuild.layers.spectral_conv2d import SpectralConv2D
from lipbuild.layers.spectral_dense import SpectralDense

__all__ = [
    "Condensable",
    "GroupSort2",
    "LipschitzLayer",
    "ScaledAveragePooling2D",
    "ScaledGlobalAveragePooling2D",
    "SpectralConv2D",
    "SpectralDense",
]
