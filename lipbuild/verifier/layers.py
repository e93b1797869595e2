"""Which layers of Keras are read, and how. What is not in the tables is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.verifier import function_layers as function
from lipbuild.verifier import kernel_layers as kernel
from lipbuild.verifier import moving_layers as moving
from lipbuild.verifier.call import Reader
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.functions import FUNCTIONS

KERAS: dict[str, Reader] = {
    "Dense": kernel.dense,
    "DepthwiseConv1D": kernel.depthwise,
    "DepthwiseConv2D": kernel.depthwise,
    "SeparableConv1D": kernel.separable,
    "SeparableConv2D": kernel.separable,
    "Activation": function.activation,
    "ReLU": function.relu,
    "LeakyReLU": function.leaky_relu,
    "ELU": function.elu,
    "Softmax": function.softmax,
    "PReLU": function.p_relu,
    "Flatten": moving.reshape,
    "Reshape": moving.reshape,
    "Permute": moving.permute,
    "Rescaling": moving.rescaling,
    "BatchNormalization": moving.batch_normalization,
    "Normalization": moving.normalization,
    "Add": moving.merge("add"),
    "Subtract": moving.merge("subtract", 2),
    "Average": moving.merge("average"),
    "Maximum": moving.merge("maximum"),
    "Minimum": moving.merge("minimum"),
    "Concatenate": moving.concatenate,
}
for _name in (
    "Identity",
    "ActivityRegularization",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
):
    KERAS[_name] = moving.identity
for _d in ("1D", "2D", "3D"):
    KERAS |= {
        f"Conv{_d}": kernel.convolution("convolution", -1),
        f"Conv{_d}Transpose": kernel.convolution("transposed_convolution", -2),
        f"AveragePooling{_d}": function.pooling("average_pooling"),
        f"MaxPooling{_d}": function.pooling("max_pooling"),
        f"GlobalAveragePooling{_d}": function.pooling("global_average_pooling", whole=True),
        f"GlobalMaxPooling{_d}": function.pooling("global_max_pooling", whole=True),
        f"ZeroPadding{_d}": moving.zero_padding,
        f"Cropping{_d}": moving.cropping,
        f"UpSampling{_d}": moving.up_sampling,
        f"SpatialDropout{_d}": moving.identity,
    }


def reader_of(where: str, layer: Mapping[str, Any]) -> Reader:
    """The reader of a layer or a function; the module tells Keras's classes from others of their names.

    Raises:
        RefusedError: If there is none.
    """
    module, registered, name = layer["module"], layer["registered_name"], layer["class_name"]
    tables = {
        "keras.src.ops": FUNCTIONS if registered == name else {},
        "keras.layers": KERAS if registered is None else {},
    }
    origin = module if module == "keras.layers" else ".".join(module.split(".")[:3])
    reader = tables.get(origin, {}).get(name)
    if reader is None:
        raise RefusedError(where, f"is a `{registered or name}` of `{module}`, whose constant is not known")
    return reader
