"""The least and the largest singular value of layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from lipbuild.layers.beta_abs import BetaAbs
from lipbuild.layers.group_sort import GroupSort
from lipbuild.layers.group_sort2 import GroupSort2
from lipbuild.layers.householder import Householder
from lipbuild.layers.kernels.kernel_layer import KernelLayer
from lipbuild.layers.lipschitz_layer import Condensable
from lipbuild.layers.max_min import MaxMin

Range = tuple[Any, Any]
_BLOCK = 256


def _linear_part(layer: Any) -> Callable[[Any], Any] | None:
    """The layer's linear map, without bias and activation, or None where it has none."""
    if isinstance(layer, KernelLayer):
        kernel = layer.applied_kernel()
        return lambda x: layer._linear(x, kernel)
    if isinstance(
        layer, (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    ):
        config = {**layer.get_config(), "activation": None, "use_bias": False}
        plain = type(layer).from_config(config)
        plain.build(layer.input.shape)
        plain.kernel.assign(layer.kernel)
        return lambda x: plain(x)
    return None


def _matrix(function: Callable[[Any], Any], input_shape: tuple[int, ...]) -> np.ndarray:
    size = int(np.prod(input_shape))
    rows = []
    for start in range(0, size, _BLOCK):
        block = np.zeros((min(_BLOCK, size - start), size), dtype="float32")
        block[np.arange(len(block)), start + np.arange(len(block))] = 1.0
        values = keras.ops.convert_to_numpy(function(block.reshape(-1, *input_shape)))
        rows.append(np.asarray(values, dtype=np.float64).reshape(len(block), -1))
    return np.concatenate(rows)


def _of_activation(layer: Any) -> Range:
    if isinstance(layer, (BetaAbs, GroupSort, GroupSort2, Householder, MaxMin)):
        return (layer.k_coef_lip, layer.k_coef_lip)
    is_relu = isinstance(layer, keras.layers.ReLU) and layer.threshold == 0
    if is_relu:
        slopes = (abs(float(layer.negative_slope)), 1.0)
        return (min(slopes), max(slopes))
    if isinstance(layer, keras.layers.Activation) and layer.activation is keras.activations.relu:
        return (0, 1)
    return (None, None)


def compute_layer_sv(
    layer: Any, supplementary_type2sv: Mapping[type, Callable[..., Range]] | None = None
) -> Range:
    """The least and the largest singular value of a layer.

    - Dense layers, convolutions and lipbuild's layers of both kinds: the linear map's, by the singular values
      of its explicit matrix in float64, for the layer's own input size. Bias and activation do not count. The
      matrix of a convolution has as many rows as the input has entries, so keep it small.
    - ReLU and the sorting activations: the least and the largest norm of a gradient.
    - Add: the number of inputs, an upper bound. BatchNormalization at inference: of its factors.

    A layer with a constraint is condensed first.

    Args:
        layer: a layer that was called on a Keras input, so that its input's shape is known.
        supplementary_type2sv: Functions `f(layer, input_shape) -> (least, largest)` for other classes of
            layers.

    Returns:
        The two values; (None, None) for a layer that is not known.
    """
    shape: Any = getattr(layer.input, "shape", None)
    extra = dict(supplementary_type2sv or {})
    if type(layer) in extra:
        return extra[type(layer)](layer, shape)
    if isinstance(layer, Condensable) and not isinstance(layer, keras.Model):
        layer.condense()
    function = _linear_part(layer)
    if function is not None:
        dense = isinstance(layer, keras.layers.Dense) or len(shape) == 2
        inputs = (shape[-1],) if dense else tuple(shape[1:])
        values = np.linalg.svd(_matrix(function, inputs), compute_uv=False)
        return (float(values.min()), float(values.max()))
    if isinstance(layer, keras.layers.Add):
        return (float(len(layer.input)), float(len(layer.input)))
    if isinstance(layer, keras.layers.BatchNormalization):
        variance = keras.ops.convert_to_numpy(layer.moving_variance).astype(np.float64)
        gamma = 1.0 if layer.gamma is None else keras.ops.convert_to_numpy(layer.gamma)
        factors = np.abs(gamma / np.sqrt(variance + layer.epsilon))
        return (float(factors.min()), float(factors.max()))
    return _of_activation(layer)


def compute_model_sv(
    model: keras.Model, supplementary_type2sv: Mapping[type, Callable[..., Range]] | None = None
) -> list[tuple[str, Range]]:
    """`compute_layer_sv` of each layer of a model, nested models included.

    Args:
        model: a built model.
        supplementary_type2sv: As in `compute_layer_sv`.

    Returns:
        Pairs of a layer's name and its values, in the model's order.
    """
    found: list[tuple[str, Range]] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found.append((layer.name, (None, None)))
            found += compute_model_sv(layer, supplementary_type2sv)
        elif not isinstance(layer, keras.layers.InputLayer):
            found.append((layer.name, compute_layer_sv(layer, supplementary_type2sv)))
    return found
