"""The label, the margin and the certified radius, computed inside an exported network."""

from __future__ import annotations

import math
from typing import Any, Literal

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import div_down, mul_up
from lipbuild.errors import RefusedError
from lipbuild.exporting.float32_error import Float32Error
from lipbuild.exporting.radius_constants import RadiusConstants

Semantics = Literal["real", "float32"]

# The steps below round to float32, each by a factor within 1 ± 2⁻²⁴: what must not grow is shrunk by more, and
# what must not shrink is grown by more.
_LESS = 1.0 - 2.0**-21
_MORE = 1.0 + 2.0**-21
# No quotient by a distance is stated beyond this, so that nothing overflows: two classes with the same weights.
_LARGEST = 2.0**60


def with_radius(
    plain: keras.Model, constants: RadiusConstants, *, task: str, semantics: Semantics = "real"
) -> keras.Model:
    """A plain network that also gives its label, margin and certified radius.

    With z the logits, i the largest and e(‖x‖) = a‖x‖ + b a proved bound of the float32 error of the logits:

        margin = z_i − max_{j≠i} z_j
        radius = min_{j≠i} max(0, z_i − z_j − 2·error) / (‖w_i − w_j‖₂ · Λ)

    (|z| and |z| − error over Λ for a single logit), every step rounded so that the radius comes out below its
    real value. With `real` semantics error = e(‖x‖): within the radius the label of the function that the weights
    define in exact arithmetic stays. With `float32` the error at the other input is subtracted too,
    e(‖x‖ + r₀) with r₀ the radius without any: within it the label that the file computes in float32 stays.

    Args:
        plain: The plain network, with one output of logits.
        constants: Its constants.
        task: `multiclass` or `binary`.
        semantics: What the radius is about.

    Returns:
        A model with the outputs `logits`, `label` (int32), `margin` and `radius`, made of built-in layers.

    Raises:
        RefusedError: The network has no classes.
    """
    if task not in ("multiclass", "binary"):
        raise RefusedError("a regression has no label, so there is no radius within which it stays")
    logits, inputs = plain.output, plain.inputs[0]
    values = math.prod(int(n) for n in inputs.shape[1:])
    build = _Binary if task == "binary" else _Multiclass
    step = build(logits, constants, _free_name(plain))
    norm = ops.sqrt(ops.sum(ops.square(ops.reshape(inputs, (-1, values))), axis=1, keepdims=True))
    total = _error(norm, constants.error, values)
    if semantics == "float32":
        nominal = step.radius(None) * np.float32(_MORE)
        total = total + _error(norm + nominal, constants.error, values)
    outputs = {
        "logits": logits,
        "label": step.label,
        "margin": ops.reshape(step.margin, (-1,)),
        "radius": ops.reshape(step.radius(total), (-1,)),
    }
    return keras.Model(inputs, outputs, name=plain.name)


class _Multiclass:
    def __init__(self, logits: Any, constants: RadiusConstants, name: str) -> None:
        classes = logits.shape[-1]
        largest = ops.max(logits, axis=-1, keepdims=True)
        # The first of the largest, as everywhere; among whole numbers, for which every runtime has an argmax.
        self.label = ops.cast(ops.argmax(ops.cast(ops.equal(logits, largest), "int32"), axis=-1), "int32")
        chosen = ops.one_hot(self.label, classes)
        pairs = keras.layers.Dense(classes, use_bias=False, trainable=False, name=name)
        # A row of the inverse distances: one of its products is not zero, so nothing is rounded.
        self._inverse = pairs(chosen)
        pairs.set_weights([_inverse(constants)])
        self._margins = largest - logits
        # The label's own place is no rival.
        self._own = chosen * np.float32(_LARGEST)
        self.margin = ops.min(self._margins + self._own, axis=-1)

    def radius(self, error: Any) -> Any:
        margins = self._margins
        if error is not None:
            margins = ops.relu(margins * np.float32(_LESS) - 2.0 * error)
        return ops.min(margins * self._inverse + self._own, axis=-1, keepdims=True)


class _Binary:
    def __init__(self, logits: Any, constants: RadiusConstants, name: str) -> None:
        self.label = ops.cast(ops.reshape(logits, (-1,)) > 0.0, "int32")
        self.margin = ops.abs(logits)
        self._inverse = float(_inverse(constants)[0, 0])

    def radius(self, error: Any) -> Any:
        margin = self.margin
        if error is not None:
            margin = ops.relu(margin * np.float32(_LESS) - error)
        return margin * np.float32(self._inverse)


def _error(norm: Any, error: Float32Error, values: int) -> Any:
    """The error bound from a norm that was itself computed in float32, and rounded up."""
    # A norm of n values is off by at most (n + 2) roundings, and by what underflows in the squares.
    more = (1.0 + (values + 8) * 2.0**-24) * _MORE
    slope = _float32_up(error.slope * more)
    offset = _float32_up(error.offset * more + error.slope * math.sqrt(values) * 2.0**-60)
    return norm * slope + offset


def _inverse(constants: RadiusConstants) -> NDArray[np.float32]:
    """1 / (distance · Λ) in float32, rounded down; 0 on the diagonal, which stands for no pair."""
    result = np.zeros(constants.distances.shape, np.float32)
    for place, distance in np.ndenumerate(constants.distances):
        product = mul_up(float(distance), constants.rest)
        quotient = div_down(_LESS, product) if product > 0.0 else math.inf
        result[place] = _float32_down(min(quotient, _LARGEST))
    if len(result) > 1:
        np.fill_diagonal(result, 0.0)
    return result


def _float32_up(value: float) -> np.float32:
    return np.nextafter(np.float32(value), np.float32(np.inf))


def _float32_down(value: float) -> np.float32:
    return np.nextafter(np.float32(value), np.float32(0.0))


def _free_name(plain: keras.Model) -> str:
    taken = {layer.name for layer in plain.layers}
    name = "inverse_distances"
    while name in taken:
        name += "_"
    return name
