"""The label, the margin and the certified radius, computed inside an exported network."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import div_down, mul_up
from lipbuild.errors import RefusedError
from lipbuild.exporting.float32_error import Float32Error
from lipbuild.exporting.radius_constants import RadiusConstants, Semantics
from lipbuild.exporting.within import LESS, MORE, Within, error_line, float32_down, float32_up, free_name

# No quotient by a distance is stated beyond this, so that nothing overflows: two classes with the same weights.
_LARGEST = 2.0**60
# A radius below this is 0, for what is rounded near the least float32 may grow by any factor.
_LEAST = 2.0**-100


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

    All that holds where float32 cannot overflow, which is proved up to a norm of the input. Of any other input
    (`Within`) the label is −1, and margin and radius are 0, which are selected.

    Where columns have tolerances, the class stays within them if z_i − z_j − 2·error is above how far that difference
    moves there at most, for each other class j.

    Args:
        plain: The plain network, with one output of logits.
        constants: Its constants.
        task: `multiclass` or `binary`.
        semantics: What the radius is about.

    Returns:
        A model with the outputs `logits`, `label` (int32), `margin`, `radius`, `certified` (bool: whether the radius
        is above 0) and, where the constants know tolerances, `within_tolerance` (bool), made of built-in layers.

    Raises:
        RefusedError: The network has no classes, or too many inputs.
    """
    if task not in ("multiclass", "binary"):
        raise RefusedError("a regression has no label, so there is no radius within which it stays")
    # Another input within the tolerances has to be one for which float32 does not overflow either.
    reach = constants.tolerance_norm if semantics == "float32" else 0.0
    own = Within.of(plain, constants.limit - reach, constants.measured)
    norm, limit, values = own.norm, own.limit, own.values
    build = _Binary if task == "binary" else _Multiclass
    step = build(own.results, constants, plain)
    total = _error(norm, constants.error, values)
    if semantics == "float32":
        nominal = ops.minimum(step.radius(None) * np.float32(MORE), limit)
        total = total + _error(norm + nominal, constants.error, values)
    radius = step.radius(total)
    if semantics == "float32":
        # At the other end float32 must not overflow either.
        radius = ops.minimum(radius, ops.subtract(limit, norm) * np.float32(LESS))
    certified = ops.logical_and(own.condition, radius > np.float32(_LEAST))
    outputs = {
        "logits": plain.output,
        "label": ops.reshape(ops.where(own.condition, step.label, -1), (-1,)),
        "margin": ops.reshape(step.margin, (-1,)),
        "radius": ops.reshape(ops.where(certified, radius, np.float32(0.0)), (-1,)),
        "certified": ops.reshape(certified, (-1,)),
    }
    if constants.box is not None:
        left = step.left_in_tolerance(norm, constants.error_over(reach, semantics), values)
        kept = ops.logical_and(own.condition, left > np.float32(_LEAST))
        outputs["within_tolerance"] = ops.reshape(kept, (-1,))
    return keras.Model(plain.inputs[0], outputs, name=plain.name)


class _Multiclass:
    """All numbers are finite here, and there are two classes or more."""

    def __init__(self, logits: Any, constants: RadiusConstants, plain: keras.Model) -> None:
        classes = logits.shape[-1]
        largest = ops.max(logits, axis=-1, keepdims=True)
        # The first of the largest, as everywhere; among whole numbers, for which every runtime has an argmax.
        label = ops.cast(ops.argmax(ops.cast(ops.equal(logits, largest), "int32"), axis=-1), "int32")
        self.label = ops.reshape(label, (-1, 1))
        chosen = ops.one_hot(label, classes)
        # A row of the inverse distances: one of its products is not zero, so nothing is rounded.
        self._inverse = _row(chosen, inverse_distances(constants), free_name(plain, "inverse_distances"))
        if constants.pairs is not None:
            self._boxes = _row(chosen, _boxes(constants.pairs), free_name(plain, "tolerance_boxes"))
        self._margins = largest - logits
        self._own = chosen > np.float32(0.5)
        self.margin = self._least(self._margins)

    def radius(self, error: Any) -> Any:
        margins = self._margins
        if error is not None:
            margins = margins * np.float32(LESS) - 2.0 * error
        return self._least(margins * self._inverse)

    def left_in_tolerance(self, norm: Any, error: Float32Error, values: int) -> Any:
        """How far the margin is above the errors and how far the logits may move, for the nearest rival."""
        lessened = self._margins * np.float32(LESS) - 2.0 * _error(norm, error, values)
        return self._least(lessened - self._boxes)

    def _least(self, rows: Any) -> Any:
        """The least of the rivals: in the label's own place stands the number of the rival beside it."""
        beside = ops.concatenate([rows[:, 1:], rows[:, :1]], axis=-1)
        return ops.min(ops.where(self._own, beside, rows), axis=-1, keepdims=True)


class _Binary:
    """The logit is finite here."""

    def __init__(self, logits: Any, constants: RadiusConstants, plain: keras.Model) -> None:
        del plain
        self.label = ops.cast(logits > np.float32(0.0), "int32")
        self.margin = ops.absolute(logits)
        self._inverse = inverse_distances(constants)[0, 0]
        self._box = 0.0 if constants.box is None else float(constants.box[0])

    def radius(self, error: Any) -> Any:
        margin = self.margin
        if error is not None:
            margin = margin * np.float32(LESS) - error
        return margin * self._inverse

    def left_in_tolerance(self, norm: Any, error: Float32Error, values: int) -> Any:
        slope, offset = error_line(error, values, self._box)
        return self.margin * np.float32(LESS) - (norm * slope + offset)


def _row(chosen: Any, table: NDArray[np.float32], name: str) -> Any:
    """The row of a table that a row of 0 and one 1 chooses."""
    layer = keras.layers.Dense(len(table), use_bias=False, trainable=False, name=name)
    row = layer(chosen)
    layer.set_weights([table])
    return row


def _boxes(pairs: NDArray[np.float64]) -> NDArray[np.float32]:
    """How far the difference of two logits moves at most, rounded up; 0 on the diagonal, which stands for no pair."""
    table = np.array([[float32_up(float(most) * MORE) for most in row] for row in pairs], np.float32)
    np.fill_diagonal(table, 0.0)
    return table


def _error(norm: Any, error: Float32Error, values: int) -> Any:
    """The error bound from a norm that was itself computed in float32, and rounded up."""
    slope, offset = error_line(error, values)
    return norm * slope + offset


def inverse_distances(constants: RadiusConstants) -> NDArray[np.float32]:
    """1 / (distance · Λ) in float32, rounded down; 0 on the diagonal, which stands for no pair."""
    result = np.zeros(constants.distances.shape, np.float32)
    for place, distance in np.ndenumerate(constants.distances):
        product = mul_up(float(distance), constants.rest)
        quotient = div_down(LESS, product) if product > 0.0 else math.inf
        result[place] = float32_down(min(quotient, _LARGEST))
    if len(result) > 1:
        np.fill_diagonal(result, 0.0)
    return result
