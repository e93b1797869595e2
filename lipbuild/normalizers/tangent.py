"""The part of a kernel's gradient along the manifold of orthogonal matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from lipbuild.normalizers.products import times
from lipbuild.normalizers.retraction import each, identity, kernel_dtype

WIDEST = 512
"""Largest smaller side at which projecting pays: beyond it the two products cost more than a training step's own."""

_SMALL = 96
"""Largest side of a matrix that is transposed by a product."""


def project(w: Any, g: Any) -> Any:
    """`G - W sym(WᵀG)` for orthonormal columns, `G - sym(GWᵀ) W` for orthonormal rows.

    What is left out is the part that leads off the manifold. The retraction would take it back anyway, but
    an optimizer that divides by a running mean square, as Adam does, would have scaled the useful part by it.

    Args:
        w: Matrices of shape (..., rows, columns), orthogonal up to rounding.
        g: The gradients with respect to them, of the same shape.

    Reference:
        Edelman, Arias & Smith, The geometry of algorithms with orthogonality constraints (1998).
    """
    tall = w.shape[-2] >= w.shape[-1]

    def along(w: Any, g: Any) -> Any:
        product = times(w, g, transpose_a=True) if tall else times(g, w, transpose_b=True)
        symmetric = _symmetric(product)
        return g - (ops.matmul(w, symmetric) if tall else ops.matmul(symmetric, w))

    return each(along, w, g)


def _symmetric(product: Any) -> Any:
    size = product.shape[-1]
    if len(product.shape) == 2 and size <= _SMALL:
        # Of a small matrix oneDNN has a product sooner than a transposition.
        transposed = times(product, identity(size, kernel_dtype(product)), transpose_a=True)
    else:
        transposed = _transpose(product)
    return 0.5 * (product + transposed)


@ops.custom_gradient
def projected_matmul(x: Any, w: Any) -> Any:
    """`z = x W` for orthonormal columns, whose gradient with respect to W is projected as `project` does it.

    With `G = xᵀ D`, `WᵀG` is `zᵀ D`: a product over the batch in place of one over the rows of W.
    """
    z = ops.matmul(x, w)

    def grad(*args: Any, upstream: Any = None) -> Any:
        d = args[0] if upstream is None else upstream
        flat_d = _flat(d)
        product = times(_flat(z), flat_d, transpose_a=True)
        symmetric = _symmetric(product)
        along = times(_flat(x), flat_d, transpose_a=True) - ops.matmul(w, symmetric)
        return ops.matmul(d, _transpose(w)), along

    return z, grad


def _flat(x: Any) -> Any:
    return x if len(x.shape) == 2 else ops.reshape(x, (-1, x.shape[-1]))


def with_projected_gradient(kernel: Any, projection: Callable[[Any, Any], Any]) -> Any:
    """The kernel itself, whose gradient is passed through `projection(kernel, gradient)`."""

    @ops.custom_gradient
    def identity(value: Any) -> tuple[Any, Callable[..., Any]]:
        def grad(*args: Any, upstream: Any = None) -> Any:
            return projection(value, args[0] if upstream is None else upstream)

        return ops.copy(value), grad

    return identity(kernel)


def _transpose(x: Any) -> Any:
    return ops.swapaxes(x, -1, -2)
