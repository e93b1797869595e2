"""Moving an orthogonal matrix along its manifold, by an exponential that is cut short."""

from __future__ import annotations

import math
from typing import Any

from keras import ops

from lipbuild.normalizers.tangent import project

MOST_TERMS = 12
"""Terms of the series at most: what they leave of a step that is far too long, a retraction takes back."""

_SMALL = 1e-7


def exponential_step(w: Any, step: Any) -> Any:
    """`exp(Ω) W` with `Ω = P Wᵀ - W Pᵀ` and `P = (I - W Wᵀ / 2) D`, for the part D of the step along the manifold.

    Ω is skew-symmetric and `Ω W = D`, so that the result is orthonormal as W is and begins in the direction of D. Each
    term of the Taylor series is `W A + P B` for two small matrices, and the series ends where a term is as small as
    rounding: the shorter the step, the sooner. The step's Frobenius norm is held below that of half a turn of each
    column, so that the result is finite for every finite step.

    Args:
        w: Matrices of shape (..., rows, columns), orthonormal along their longer side up to rounding.
        step: By what they were to be moved, of the same shape.

    Returns:
        Matrices of the same shape.

    Reference:
        Edelman, Arias & Smith, The geometry of algorithms with orthogonality constraints (1998).
    """
    if w.shape[-2] < w.shape[-1]:
        return _transpose(exponential_step(_transpose(w), _transpose(step)))
    order = w.shape[-1]
    d = _held(project(w, _held(step, order)), order)
    product = ops.matmul(_transpose(w), d)
    p = d - 0.5 * ops.matmul(w, product)
    c = 0.25 * (product - _transpose(product))
    g = ops.matmul(_transpose(p), p)
    # Ω (W A + P B) = W (C A - G B) + P (A + C B), where C = WᵀP is skew and G = PᵀP.
    a, b = ops.broadcast_to(ops.eye(order, dtype=w.dtype), c.shape), ops.zeros_like(c)
    gb = ops.zeros_like(c)

    def goes_on(_: Any, a: Any, b: Any, gb: Any, *_sums: Any) -> Any:
        size = ops.sum(ops.square(a) + b * gb, axis=(-2, -1))
        return ops.any(size > _SMALL * _SMALL * order)

    def body(number: Any, a: Any, b: Any, gb: Any, sum_a: Any, sum_b: Any) -> tuple[Any, ...]:
        a, b = (ops.matmul(c, a) - gb) / number, (a + ops.matmul(c, b)) / number
        return number + 1.0, a, b, ops.matmul(g, b), sum_a + a, sum_b + b

    start = (ops.ones((), w.dtype), a, b, gb, a, b)
    *_, sum_a, sum_b = ops.while_loop(goes_on, body, start, maximum_iterations=MOST_TERMS)
    return ops.matmul(w, sum_a) + ops.matmul(p, sum_b)


def _held(step: Any, order: int) -> Any:
    """The step, of at most the Frobenius norm π √order; its entries are divided first, so that no square overflows."""
    largest = ops.max(ops.abs(step), axis=(-2, -1), keepdims=True)
    scaled = step / ops.maximum(largest, 1.0)
    norm = ops.sqrt(ops.sum(ops.square(scaled), axis=(-2, -1), keepdims=True))
    most = math.pi * math.sqrt(order)
    return scaled * ops.minimum(ops.maximum(largest, 1.0), most / ops.maximum(norm, 1e-30))


def _transpose(x: Any) -> Any:
    return ops.swapaxes(x, -1, -2)
