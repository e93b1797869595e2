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
# The logits of an input within what is certified are below 2⁶¹: what adds up to more has overflowed.
_FINITE = 2.0**100
# A radius below this is 0, for what is rounded near the least float32 may grow by any factor.
_LEAST = 2.0**-100
# What the products of an error bound may lose where they underflow.
_UNDERFLOW = 2.0**-120
# The bound of the rounding of a norm holds for so many values.
_MOST_VALUES = 2**22


def with_radius(
    plain: keras.Model, constants: RadiusConstants, *, task: str, semantics: Semantics = "real"
) -> keras.Model:
    """A plain network that also gives its label, margin and certified radius.

    With z the logits, i the largest and e(‖x‖) = a‖x‖ + b a proved bound of the float32 error of the logits:

        margin = z_i − max_{j≠i} z_j
        radius = min_{j≠i} (z_i − z_j − 2·error) / (‖w_i − w_j‖₂ · Λ)

    (|z| and |z| − error over Λ for a single logit), every step rounded so that the radius comes out below its
    real value. With `real` semantics error = e(‖x‖): within the radius the label of the function that the weights
    define in exact arithmetic stays. With `float32` the error at the other input is subtracted too,
    e(‖x‖ + r₀) with r₀ the radius without any: within it the label that the file computes in float32 stays.

    All that holds where float32 cannot overflow, which is proved up to a norm of the input. So an input is *within*
    where its norm is below that limit and its logits are finite, as comparisons say that are false of what is not a
    number. Of any other input the label is −1, and margin and radius are 0; these are selected, and the logits
    and the norm are replaced by 0 before anything else is computed of them, so that no result rests on how a kernel
    takes the maximum of NaNs.

    Args:
        plain: The plain network, with one output of logits.
        constants: Its constants.
        task: `multiclass` or `binary`.
        semantics: What the radius is about.

    Returns:
        A model with the outputs `logits`, `label` (int32), `margin`, `radius` and `certified` (bool: whether the radius
        is above 0), made of built-in layers.

    Raises:
        RefusedError: The network has no classes, or too many inputs.
    """
    if task not in ("multiclass", "binary"):
        raise RefusedError("a regression has no label, so there is no radius within which it stays")
    logits, inputs = plain.output, plain.inputs[0]
    values = math.prod(int(n) for n in inputs.shape[1:])
    if values > _MOST_VALUES:
        raise RefusedError(
            f"no radius can be computed of {values} inputs in float32", "leave out `--with-radius`"
        )
    norm = ops.sqrt(ops.sum(ops.square(ops.reshape(inputs, (-1, values))), axis=1, keepdims=True))
    limit = norm_limit(constants.limit, values)
    finite = ops.sum(ops.absolute(logits), axis=-1, keepdims=True) < np.float32(_FINITE)
    within = ops.logical_and(norm < limit, finite)
    norm = ops.where(within, norm, np.float32(0.0))
    build = _Binary if task == "binary" else _Multiclass
    step = build(ops.where(within, logits, np.float32(0.0)), constants, _free_name(plain))
    total = _error(norm, constants.error, values)
    if semantics == "float32":
        nominal = ops.minimum(step.radius(None) * np.float32(_MORE), limit)
        total = total + _error(norm + nominal, constants.error, values)
    radius = step.radius(total)
    if semantics == "float32":
        # At the other end float32 must not overflow either.
        radius = ops.minimum(radius, ops.subtract(limit, norm) * np.float32(_LESS))
    certified = ops.logical_and(within, radius > np.float32(_LEAST))
    outputs = {
        "logits": logits,
        "label": ops.reshape(ops.where(within, step.label, -1), (-1,)),
        "margin": ops.reshape(step.margin, (-1,)),
        "radius": ops.reshape(ops.where(certified, radius, np.float32(0.0)), (-1,)),
        "certified": ops.reshape(certified, (-1,)),
    }
    return keras.Model(inputs, outputs, name=plain.name)


def norm_limit(limit: float, values: int) -> np.float32:
    """The largest float32 norm, computed of so many values, of inputs that are surely within a limit.

    Args:
        limit: Of the true norm.
        values: How many there are.
    """
    return _float32_down((limit - math.sqrt(values) * 2.0**-60) / _more(values))


class _Multiclass:
    """All numbers are finite here, and there are two classes or more."""

    def __init__(self, logits: Any, constants: RadiusConstants, name: str) -> None:
        classes = logits.shape[-1]
        largest = ops.max(logits, axis=-1, keepdims=True)
        # The first of the largest, as everywhere; among whole numbers, for which every runtime has an argmax.
        label = ops.cast(ops.argmax(ops.cast(ops.equal(logits, largest), "int32"), axis=-1), "int32")
        self.label = ops.reshape(label, (-1, 1))
        chosen = ops.one_hot(label, classes)
        pairs = keras.layers.Dense(classes, use_bias=False, trainable=False, name=name)
        # A row of the inverse distances: one of its products is not zero, so nothing is rounded.
        self._inverse = pairs(chosen)
        pairs.set_weights([inverse_distances(constants)])
        self._margins = largest - logits
        self._own = chosen > np.float32(0.5)
        self.margin = self._least(self._margins)

    def radius(self, error: Any) -> Any:
        margins = self._margins
        if error is not None:
            margins = margins * np.float32(_LESS) - 2.0 * error
        return self._least(margins * self._inverse)

    def _least(self, rows: Any) -> Any:
        """The least of the rivals: in the label's own place stands the number of the rival beside it."""
        beside = ops.concatenate([rows[:, 1:], rows[:, :1]], axis=-1)
        return ops.min(ops.where(self._own, beside, rows), axis=-1, keepdims=True)


class _Binary:
    """The logit is finite here."""

    def __init__(self, logits: Any, constants: RadiusConstants, name: str) -> None:
        self.label = ops.cast(logits > np.float32(0.0), "int32")
        self.margin = ops.absolute(logits)
        self._inverse = inverse_distances(constants)[0, 0]

    def radius(self, error: Any) -> Any:
        margin = self.margin
        if error is not None:
            margin = margin * np.float32(_LESS) - error
        return margin * self._inverse


def _error(norm: Any, error: Float32Error, values: int) -> Any:
    """The error bound from a norm that was itself computed in float32, and rounded up."""
    slope, offset = error_line(error, values)
    return norm * slope + offset


def error_line(error: Float32Error, values: int) -> tuple[np.float32, np.float32]:
    """Slope and offset of the error in terms of a norm that was computed in float32 of so many values.

    Args:
        error: The error in terms of the true norm.
        values: How many there are.
    """
    more = _more(values)
    lost = error.slope * math.sqrt(values) * 2.0**-60 + _UNDERFLOW
    return _float32_up(error.slope * more), _float32_up(error.offset * more + lost)


def _more(values: int) -> float:
    """A norm of n values is off by at most (n + 2) roundings, and by what underflows in the squares."""
    return (1.0 + (values + 8) * 2.0**-24) * _MORE


def inverse_distances(constants: RadiusConstants) -> NDArray[np.float32]:
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
