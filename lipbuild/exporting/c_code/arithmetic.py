from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64

Name = Literal["float32", "double"]


@dataclass(frozen=True)
class Arithmetic:
    """The floating point that a program computes in.

    Attributes:
        name: What the option calls it.
        type: Its type in C.
        suffix: What stands behind a constant of that type.
        root: The function of `math.h` that takes a root.
        prefix: What the macros of `float.h` begin with.
        dtype: The same in NumPy.
        unit: u, the unit roundoff.
        smallest: The least normal number, which a result that is flushed to zero is off by at most.
        largest: The norm up to which no sum may come, so that squares of it do not overflow.
    """

    name: Name
    type: str
    suffix: str
    root: str
    prefix: str
    dtype: Any
    unit: float
    smallest: float
    largest: float

    @property
    def format(self) -> str:
        """What IEEE 754 calls it."""
        return "binary32" if self.type == "float" else "binary64"

    @property
    def bits(self) -> int:
        """How many bits a number has."""
        return 8 * int(np.dtype(self.dtype).itemsize)

    @property
    def infinity(self) -> str:
        """The bits of infinity, above which those of NaN are, as a constant."""
        return f"0x{int(np.array(np.inf, self.dtype).view(f'u{self.bits // 8}')):X}U"

    def literal(self, value: float) -> str:
        """A constant of this type: hexadecimal, so that every compiler reads these bits."""
        return f"{hexadecimal(value)}{self.suffix}"

    def up(self, value: Fraction) -> float:
        """The least number of this type that is at least a rational one, and normal or 0."""
        return -self.down(-value)

    def down(self, value: Fraction) -> float:
        """The greatest number of this type that is at most a rational one, and normal or 0.

        Raises:
            OverflowError: It is beyond the type.
        """
        guess = self.dtype(float(value))
        while Fraction(float(guess)) > value:
            guess = np.nextafter(guess, self.dtype(-np.inf))
        while Fraction(float(after := np.nextafter(guess, self.dtype(np.inf)))) <= value:
            guess = after
        if 0 < abs(guess) < self.smallest:
            guess = self.dtype(0.0 if value > 0 else -self.smallest)
        return float(guess)

    def holds(self, values: NDArray[np.floating[Any]]) -> bool:
        """Whether numbers are of this type, and none of them is below its least normal one."""
        with np.errstate(over="ignore"):
            same = np.asarray(values, self.dtype).astype(np.float64) == np.asarray(values, np.float64)
        sizes = np.abs(np.asarray(values, np.float64))
        return bool(np.all(same) and np.all((sizes == 0.0) | (sizes >= self.smallest)))


def hexadecimal(value: float) -> str:
    """A number as a hexadecimal constant of C99, without zeros at its end."""
    digits, exponent = float(value).hex().split("p")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}p{exponent}"


FLOAT32 = Arithmetic(
    "float32", "float", "F", "sqrtf", "FLT", np.float32, UNIT_ROUNDOFF_32, 2.0**-126, 2.0**60
)
DOUBLE = Arithmetic("double", "double", "", "sqrt", "DBL", np.float64, UNIT_ROUNDOFF_64, 2.0**-1022, 2.0**500)
ARITHMETICS: dict[Name, Arithmetic] = {"float32": FLOAT32, "double": DOUBLE}
