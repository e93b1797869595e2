"""Which inputs an exported network states anything of, as it computes that in float32."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from lipbuild.errors import RefusedError
from lipbuild.exporting.float32_error import Float32Error

# Each step rounds to float32, by a factor within 1 ± 2⁻²⁴: what must not grow is shrunk by more, and what must not
# shrink is grown by more.
LESS = 1.0 - 2.0**-21
MORE = 1.0 + 2.0**-21
# The results of an input within what is certified are below 2⁶¹: what adds up to more has overflowed.
_FINITE = 2.0**100
# What the products of an error bound may lose where they underflow.
_UNDERFLOW = 2.0**-120
# The bound of the rounding of a norm holds for so many values.
_MOST_VALUES = 2**22


@dataclass(frozen=True)
class Within:
    """An input of the network, and whether anything is stated of it.

    Its norm has to be below a limit and its results finite, as comparisons say that are false of what is not a number.
    Elsewhere the results and the norm are replaced by 0 before anything else is computed of them, so that nothing rests
    on how a kernel takes the maximum of numbers that are none.

    Attributes:
        condition: (batch, 1), whether it is within what is certified.
        norm: (batch, 1), its norm; 0 where it is not.
        results: (batch, outputs), the logits or values; 0 where it is not.
        limit: The computed norm below which it is.
        values: How many numbers an input has.
    """

    condition: Any
    norm: Any
    results: Any
    limit: np.float32
    values: int

    @classmethod
    def of(cls, plain: keras.Model, limit: float, measured: str | None = None) -> Within:
        """For the input of a plain network with one output.

        Args:
            plain: The network.
            limit: The norm of an input up to which float32 cannot overflow.
            measured: The layer that scales the inputs one by one, whose results' norm is meant; None for the inputs.

        Raises:
            RefusedError: It has too many inputs.
        """
        results, inputs = plain.output, plain.inputs[0]
        values = math.prod(int(n) for n in inputs.shape[1:])
        if values > _MOST_VALUES:
            raise RefusedError(
                f"no radius can be computed of {values} inputs in float32", "leave out `--with-radius`"
            )
        row = ops.reshape(inputs, (-1, values)) if measured is None else plain.get_layer(measured).output
        norm = ops.sqrt(ops.sum(ops.square(row), axis=1, keepdims=True))
        computed = norm_limit(limit, values)
        finite = ops.sum(ops.absolute(results), axis=-1, keepdims=True) < np.float32(_FINITE)
        condition = ops.logical_and(norm < computed, finite)
        zero = np.float32(0.0)
        return cls(
            condition,
            ops.where(condition, norm, zero),
            ops.where(condition, results, zero),
            computed,
            values,
        )


def norm_limit(limit: float, values: int) -> np.float32:
    """The largest float32 norm, computed of so many values, of inputs that are surely within a limit.

    Args:
        limit: Of the true norm.
        values: How many there are.
    """
    return float32_down((limit - math.sqrt(values) * 2.0**-60) / _more(values))


def error_line(error: Float32Error, values: int, further: float = 0.0) -> tuple[np.float32, np.float32]:
    """Slope and offset of the error in terms of a norm that was computed in float32 of so many values.

    Args:
        error: The error in terms of the true norm.
        values: How many there are.
        further: What is added that does not depend on the norm.
    """
    more = _more(values)
    lost = error.slope * math.sqrt(values) * 2.0**-60 + _UNDERFLOW
    return float32_up(error.slope * more), float32_up((error.offset + further) * more + lost)


def _more(values: int) -> float:
    """A norm of n values is off by at most (n + 2) roundings, and by what underflows in the squares."""
    return (1.0 + (values + 8) * 2.0**-24) * MORE


def float32_up(value: float) -> np.float32:
    """A float32 number above one."""
    return np.nextafter(np.float32(value), np.float32(np.inf))


def float32_down(value: float) -> np.float32:
    """A float32 number that is nearer to 0 than one."""
    return np.nextafter(np.float32(value), np.float32(0.0))


def free_name(plain: keras.Model, name: str) -> str:
    """A name that no layer has."""
    taken = {layer.name for layer in plain.layers}
    while name in taken:
        name += "_"
    return name
