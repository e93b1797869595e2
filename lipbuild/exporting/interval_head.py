"""The intervals in which the values of a regression stay, computed inside an exported network."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lipbuild.exporting.radius_constants import RadiusConstants, Semantics
from lipbuild.exporting.within import MORE, Within, error_line, free_name

# The ends of an interval where nothing is certified.
_NOTHING = float(np.finfo(np.float32).max)
# What the ends of an interval are rounded by at most, relative to the value: twice over.
_OF_VALUE = np.float32(2.0**-22)


def with_intervals(
    plain: keras.Model, constants: RadiusConstants, *, radius: float, semantics: Semantics = "real"
) -> keras.Model:
    """A plain network that also gives the intervals in which its values stay.

    With z the values, e(‖x‖) = a‖x‖ + b a proved bound of their float32 error and L the constant of the network:

        low, high = z ∓ (L·radius + error)

    and within the tolerances of columns, where there are some, with the box in place of L·radius; every step rounded so
    that the interval comes out wider than it is. With `real` semantics error = e(‖x‖), and the interval is that of the
    function in exact arithmetic; with `float32` the error at the other input is added too, and it is that of what the
    file computes. Where nothing is certified (`Within`) the ends are the least and the greatest float32 number.

    Args:
        plain: The plain network, with one output of values.
        constants: Its constants.
        radius: How far an input may move (L2).
        semantics: What the intervals are about.

    Returns:
        A model with the outputs `values`, `low`, `high`, `certified` (bool) and, where the constants know tolerances,
        `low_in_tolerance` and `high_in_tolerance`, made of built-in layers.

    Raises:
        RefusedError: The network has too many inputs.
    """
    moves: dict[str, tuple[float, float | NDArray[np.float64]]] = {"": (radius, constants.lipschitz * radius)}
    if constants.box is not None:
        moves["_in_tolerance"] = constants.tolerance_norm, constants.box
    reach = max(distance for distance, _ in moves.values()) if semantics == "float32" else 0.0
    own = Within.of(plain, constants.limit - reach * constants.gain, constants.measured)
    values, nothing = own.results, np.float32(_NOTHING)
    outputs = {"values": plain.output, "certified": ops.reshape(own.condition, (-1,))}
    rounding = ops.absolute(values) * _OF_VALUE
    for name, (distance, moved) in moves.items():
        error = constants.error_over(distance, semantics)
        widths = np.broadcast_to(moved, values.shape[1:])
        lines = np.array([error_line(error, own.values, float(width) * MORE) for width in widths], np.float32)
        layer = keras.layers.Dense(len(lines), trainable=False, name=free_name(plain, f"interval{name}"))
        half = layer(own.norm) + rounding
        layer.set_weights([lines[:, 0].reshape(1, -1), lines[:, 1]])
        outputs[f"low{name}"] = ops.where(own.condition, values - half, -nothing)
        outputs[f"high{name}"] = ops.where(own.condition, values + half, nothing)
    return keras.Model(plain.inputs[0], outputs, name=plain.name)
