"""How far a network served in floating point may be from the real function that is certified."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lipbuild.certifying.bounds.rounding import add_up, div_up, mul_up, sqrt_up

UNIT_ROUNDOFF_32 = 2.0**-24
UNIT_ROUNDOFF_64 = 2.0**-53
# What a flushed product may lose, in float32 and float64.
_SMALLEST = {UNIT_ROUNDOFF_32: 2.0**-126, UNIT_ROUNDOFF_64: 2.0**-1022}


@dataclass(frozen=True)
class Rounding:
    """The rounding of one operation y = Wx + b, computed in any order.

    Args:
        roundings: n, the most products summed into one output; 0 where nothing is rounded.
        magnitude: An upper bound of ‖|W|‖₂.
        offset: An upper bound of ‖b‖₂.
        outputs: Numbers in a result, for underflow.
        library: Whether what serves the operation is a mathematical library, or computes its weights itself:
            nothing is known of its float32.
        root: Whether a root is taken of the sum, under which an underflow weighs more.
    """

    roundings: int = 0
    magnitude: float = 1.0
    offset: float = 0.0
    outputs: int = 0
    library: bool = False
    root: bool = False


def gamma_of(count: int, unit: float) -> float:
    """γ_count = count·unit / (1 − count·unit), rounded up.

    Raises:
        ValueError: If there are too many roundings for a bound.
    """
    if not 0 <= count * unit < 0.5:
        raise ValueError(f"no rounding bound for {count} operations of unit {unit}")
    return div_up(count * unit, 1.0 - count * unit)  # both exact: unit is a power of two


def error_up(previous: float, reach: float, gain: float, rounding: Rounding, unit: float) -> float:
    """The error after an operation, from that before it.

    e <= L e' + γ_{n+1} (‖|W|‖₂ (R + e') + ‖b‖₂) + underflow

    for a result summed in any order, with or without fused multiply-add, and without Winograd's or Strassen's
    algorithms, TF32, bfloat16 or integers (Higham 2002, §3.5).

    Args:
        previous: e', an upper bound of the L2 error of the operation's input.
        reach: R, an upper bound of the L2 norm of the true input.
        gain: L, the constant of the operation.
        rounding: How it rounds.
        unit: The unit roundoff, 2^-24 or 2^-53.

    Returns:
        An upper bound of the L2 error of the result; infinite where nothing is known of the arithmetic.
    """
    if rounding.library and unit == UNIT_ROUNDOFF_32:
        return math.inf
    carried = mul_up(gain, previous) if previous > 0.0 else 0.0
    if rounding.roundings == 0:
        return carried
    inputs = add_up(reach, previous)
    values = add_up(mul_up(rounding.magnitude, inputs), rounding.offset)
    fresh = mul_up(gamma_of(rounding.roundings + 1, unit), values)
    smallest = (rounding.roundings + 1) * 2.0 * _SMALLEST[unit]
    underflow = mul_up(float(rounding.outputs), sqrt_up(smallest) if rounding.root else smallest)
    return add_up(add_up(carried, fresh), underflow)
