"""In which precision kernels are computed from their weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from keras import ops

from lipbuild.normalizers.retraction import gram, kernel_dtype, multiply, off_identity, working_dtype

_PLAIN = ContextVar("_PLAIN", default=False)

_NEAR_ORTHONORMAL = 2e-5
"""How much, in the root mean square of the singular values, a step may change factors that are made orthonormal.

What rounding to float32 leaves is less, and what an update without a training's last retraction leaves is more: those
factors stay as they are, for the plain kernel is to be that of the trained layer.
"""


@contextmanager
def in_full_precision() -> Iterator[None]:
    """Within it layers compute their kernels in float64, from factors that are orthonormal in float64.

    Plain kernels are computed so and then rounded once. Training is not: it would take several times as long.
    """
    token = _PLAIN.set(True)
    try:
        yield
    finally:
        _PLAIN.reset(token)


def is_in_full_precision() -> bool:
    """Whether plain kernels are being computed, see `in_full_precision`."""
    return _PLAIN.get()


def for_exact_products(weight: Any) -> Any:
    """A weight as a tensor whose products are as exact as float32: in float64 where float32 would be cut to less.

    A GPU multiplies float32 matrices in TensorFloat-32 by default. A kernel that is computed from its weights would be
    off by 1e-3 then, and beyond its norm.
    """
    value = ops.convert_to_tensor(weight)
    return ops.cast(value, "float64" if _PLAIN.get() else working_dtype(kernel_dtype(value)))


def orthonormal_factors(weight: Any) -> Any:
    """A stack of matrices with orthonormal rows or columns, as `for_exact_products`; see `in_full_precision`.

    A retracted factor is off by the rounding of float32. In full precision two cubic steps square that twice. Singular
    values of 0 stay, and so does a matrix that is far from orthonormal: it is another function's.
    """
    factors = for_exact_products(weight)
    return _steps(factors) if _PLAIN.get() else factors


def _steps(w: Any) -> Any:
    for _ in range(2):
        change = 0.5 * multiply(w, off_identity(gram(w)))
        size = ops.sqrt(ops.mean(ops.square(change), axis=(-2, -1), keepdims=True) * max(w.shape[-2:]))
        w = ops.where(size <= _NEAR_ORTHONORMAL, w - change, w)
    return w


def rounded_once(variable: Any, value: Any) -> None:
    """Assign a value in float64, rounded to the variable's own precision in one step."""
    variable.assign(ops.cast(value, variable.dtype))


def in_float64(weight: Any) -> Any:
    """A weight as a tensor in float64."""
    return ops.cast(ops.convert_to_tensor(weight), "float64")
