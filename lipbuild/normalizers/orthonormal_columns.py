"""Orthonormal columns that span what those of a given matrix span."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.normalizers.retraction import distance, gram, multiply, off_identity

_RIDGE = 1e-6

_ENOUGH = 5e-6
"""The distance at which cubic steps end: little more than rounding to float32 leaves."""

_STEPS = 8


def orthonormal_columns(v: Any) -> Any:
    """The polar factor of V where V is nearly orthonormal, and `V L⁻ᵀ` with `LLᵀ = VᵀV` elsewhere.

    The one is a Gram matrix, and a few products where V is off by more than rounding. The other is computed in float64.

    Args:
        v: Shape (size, n), of any values.

    Returns:
        The columns, in v's dtype. NaN and infinity give NaN.
    """

    def nearby() -> Any:
        def body(v: Any, g: Any) -> tuple[Any, Any]:
            v = v - 0.5 * multiply(v, off_identity(g))
            return v, gram(v)

        return ops.while_loop(lambda _, g: distance(g)[0] > _ENOUGH, body, (v, g), maximum_iterations=_STEPS)[
            0
        ]

    g = gram(v)
    return ops.cond(distance(g)[1], nearby, lambda: ops.cast(ops.transpose(orthonormal_rows(v)), v.dtype))


def orthonormal_rows(v: Any) -> Any:
    """Q with `I - 2 QᵀQ` the block reflection at the columns of v: orthonormal rows that span them.

    `L⁻¹Vᵀ` with `LLᵀ = VᵀV + ε tr(VᵀV)/n I`, and a cubic step, so that QᵀQ has its eigenvalues in [0, 1] whatever V is.
    In float64, since the ridge alone keeps the factorisation well-posed.

    Args:
        v: Shape (size, n), of any values.

    Returns:
        Q, shape (n, size), in float64. NaN and infinity give NaN.
    """
    v = ops.cast(v, "float64")
    # A factorisation of what is not a number raises an error of its own; NaN is to stay NaN instead.
    finite = ops.all(ops.isfinite(v))
    v = ops.where(finite, v, ops.ones_like(v))
    largest = ops.max(ops.abs(v))
    v = v / ops.where(largest > 0.0, largest, ops.ones_like(largest))
    n = v.shape[-1]
    g = ops.matmul(ops.transpose(v), v)
    # Normalised, so that the ridge is relative; the smallest addend is for V = 0.
    size = ops.maximum(ops.trace(g) / n, 1e-30)
    factor = ops.cholesky(g / size + _RIDGE * ops.eye(n, dtype="float64"))
    q = ops.solve_triangular(factor, ops.transpose(v) / ops.sqrt(size), lower=True)
    q = q - 0.5 * multiply(q, off_identity(gram(q)))
    return ops.where(finite, q, ops.full_like(q, float("nan")))
