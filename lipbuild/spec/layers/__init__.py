"""One place knows what a layer of a config says: its fields, its shape, its Lipschitz constant."""

from __future__ import annotations

from lipbuild.spec.layers.activation import Activation
from lipbuild.spec.layers.add import Add
from lipbuild.spec.layers.average import Average
from lipbuild.spec.layers.concatenate import Concatenate
from lipbuild.spec.layers.flatten import Flatten
from lipbuild.spec.layers.global_max_pooling2d import GlobalMaxPooling2D
from lipbuild.spec.layers.group_sort2 import GroupSort2
from lipbuild.spec.layers.input import Input
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.layers.max_pooling2d import MaxPooling2D
from lipbuild.spec.layers.relu import ReLU
from lipbuild.spec.layers.rescaling import Rescaling
from lipbuild.spec.layers.reshape import Reshape
from lipbuild.spec.layers.scaled_average_pooling2d import ScaledAveragePooling2D
from lipbuild.spec.layers.scaled_global_average_pooling2d import ScaledGlobalAveragePooling2D
from lipbuild.spec.layers.spectral_conv2d import SpectralConv2D
from lipbuild.spec.layers.spectral_dense import SpectralDense

__all__ = ["LAYERS", "LayerSpec"]

LAYERS: dict[str, type[LayerSpec]] = {
    cls.__name__: cls
    for cls in (
        Input,
        SpectralDense,
        SpectralConv2D,
        ScaledAveragePooling2D,
        ScaledGlobalAveragePooling2D,
        GroupSort2,
        ReLU,
        Activation,
        MaxPooling2D,
        GlobalMaxPooling2D,
        Flatten,
        Reshape,
        Rescaling,
        Add,
        Average,
        Concatenate,
    )
}
