"""Bringing a kernel matrix back to the matrices of spectral norm at most 1, with products alone.

All functions take matrices of shape (..., rows, columns) and work on the smaller side. The means:

- the cubic (Björck & Bowie 1971; Anil, Lucas & Grosse 2019) `W (1.5 I - 0.5 WᵀW)`, which maps a singular
  value s to `1.5 s - 0.5 s³`: into [-1, 1] from all of [0, 2], and quadratically to 1 from nearby. What a
  cubic step returns has norm at most 1 whatever the values were, so nothing that was iterated has to be
  trusted;
- an upper bound of the norm that needs no iteration either: of r non-negative eigenvalues with mean m and
  standard deviation d, the largest is at most `m + d √(r - 1)` (Wolkowicz & Styan 1980). It is exact for an
  orthogonal matrix and for one of rank 1. Both moments of WᵀW come from its Frobenius norm and from that of
  W.

In floating point a cubic step overshoots 1 by some 4e-7, and by up to 1.3e-6 where all entries are equal and
all roundings go one way. `safe_cubic_step` multiplies both coefficients by 1 - 2⁻¹⁹ for that, by less in
proportion where sums have more than 512 terms, and takes float64 for the shapes whose sums are so long or so
plainly computed that rounding grows beyond it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lipbuild.normalizers.products import times

SAFETY = 1.0 - 2.0**-19
"""Factor of the last step, for sums of up to 512 terms: more than float32 rounding adds to the norm."""

_LONG_SUM = 8192
_NARROW = 8
"""Above the one length and below the other width the last step is taken in float64. A matrix-vector product, unlike a
matrix product, sums in one go: 65,536 equal terms in float32 are off by 6e-5."""

_NEAR = 1.2
"""Largest singular value that rescaling leaves: the cubic maps it to .94, and from √3 on below 0."""

MANY = 400
"""Singular values above which how far a matrix is off the manifold in the mean says little of the largest."""

_SMALL = 128
"""Sides up to which a matrix may be a constant of the graph."""

_FEW = 8
"""Matrices of a stack up to which they are multiplied one by one."""

_FAR_SQUARINGS = 3
"""Squarings of the Gram matrix that sharpen the bound of a matrix far from the manifold: within r^(1/16)."""

_FAR_STEPS = 2
"""Cubic steps for a kernel that one update took far away, before the safe one."""


def working_dtype(dtype: str) -> str:
    """Precision in which a kernel is retracted: float32, or float64 where products in float32 are not.

    A GPU may multiply float32 matrices in TensorFloat-32, whose rounding (1e-3) no margin here would cover.
    """
    if dtype == "float64" or _tensor_float_32():
        return "float64"
    return "float32"


def kernel_dtype(kernel: Any) -> str:
    """The name of a kernel's dtype."""
    return str(keras.backend.standardize_dtype(kernel.dtype))


def _tensor_float_32() -> bool:
    if keras.config.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(
        tf.config.experimental.tensor_float_32_execution_enabled() and tf.config.list_physical_devices("GPU")
    )


def _is_tall(w: Any) -> bool:
    # Where sizes are not known they are those of tall matrices, see `_bring_near`.
    return w.shape[-1] is None or bool(w.shape[-2] >= w.shape[-1])


def _order(x: Any, axis: int) -> Any:
    """The size of an axis; a scalar of x's type where it is not known yet."""
    return x.shape[axis] if x.shape[axis] is not None else ops.cast(ops.shape(x)[axis], x.dtype)


def each(function: Callable[..., Any], *stacks: Any) -> Any:
    """A function of matrices, of a stack of few of them one by one.

    oneDNN takes longer to set a batched product up than some products of small matrices take.
    """
    shape = stacks[0].shape
    if len(shape) != 3 or shape[0] is None or shape[0] > _FEW:
        return function(*stacks)
    return ops.stack([function(*ws) for ws in zip(*(ops.unstack(w, shape[0]) for w in stacks), strict=True)])


def gram(w: Any) -> Any:
    """The smaller of WᵀW and WWᵀ."""

    def of(w: Any) -> Any:
        return times(w, w, transpose_a=True) if _is_tall(w) else times(w, w, transpose_b=True)

    return each(of, w)


def multiply(w: Any, g: Any) -> Any:
    """W times a matrix of the size of `gram(w)`, on the smaller side."""
    return each(ops.matmul, w, g) if _is_tall(w) else each(ops.matmul, g, w)


def _squared_norm(x: Any) -> Any:
    return ops.sum(ops.square(x), axis=(-2, -1), keepdims=True)


def cubic_step(w: Any, g: Any) -> Any:
    """`1.5 W - 0.5 W WᵀW`, given the Gram matrix g."""
    # One product and no large sums, since g is the smaller: W (1.5 I - 0.5 G).
    return multiply(w, 1.5 * ops.eye(ops.shape(g)[-1], dtype=g.dtype) - 0.5 * g)


def safe_cubic_step(w: Any, g: Any, *, safe: bool = True) -> Any:
    """The last cubic step: of norm at most 1 with all rounding, if W has a norm of at most 2.

    Without `safe` it is the cubic itself, which rounding may lift above 1.
    """
    dtype, length = w.dtype, max(w.shape[-2:])
    safety = 1.0 - 2.0**-19 * max(1.0, length / 512) if safe else 1.0
    if g.shape[-1] < _NARROW or length > _LONG_SUM:
        w = ops.cast(w, "float64")
        g = gram(w)
        safety = SAFETY if safe else 1.0
    # W - W (G - I) / 2, whose product is as small as W is near the manifold, and its rounding with it. As
    # W (1.5 I - 0.5 G) the rounding is five times as large where all entries of W are equal.
    half = (0.5 * safety) * off_identity(g)
    return ops.cast(safety * w - multiply(w, half), dtype)


def off_identity(g: Any) -> Any:
    """G - I."""
    return g - identity(g.shape[-1], kernel_dtype(g))


def identity(size: int, dtype: str) -> Any:
    """I; as one constant where it is small, since `ops.eye` puts nine operations into a graph that is made."""
    return ops.convert_to_tensor(np.eye(size, dtype=dtype)) if size <= _SMALL else ops.eye(size, dtype=dtype)


def _product_rounding(inner: Any) -> Any:
    """Rounding of a float32 Gram matrix against its trace: √n u and twice that (Higham & Mary 2019)."""
    return 2.0 * inner**0.5 * 2.0**-24


def _largest_eigenvalue_bound(trace: Any, square: Any, r: Any) -> Any:
    mean = trace / r
    # The second term covers what cancellation loses.
    variance = ops.maximum(square / r - ops.square(mean), 0.0) + 2.0**-20 * square / r
    return mean + ops.sqrt(variance * (r - 1)) + _product_rounding(r) * trace


def norm_upper_bound(w: Any, squarings: int = _FAR_SQUARINGS) -> Any:
    """An upper bound of the spectral norm that no start vector and no convergence can spoil.

    The Wolkowicz-Styan bound of (WᵀW)^(2^squarings), whose root it takes: it exceeds the norm by less than
    r^(1 / 2^(squarings + 2)) and not at all for orthogonal matrices and for those of rank 1.

    Args:
        w: Matrices of any magnitude, shape (..., rows, columns). A NaN gives a NaN.
        squarings: How often the Gram matrix is squared.

    Returns:
        The bounds, shape (..., 1, 1).
    """
    _, largest, bound = _relative_bound(w, squarings)
    return largest * bound


def _relative_bound(w: Any, squarings: int) -> tuple[Any, Any, Any]:
    """W over its largest entry, that entry, and a bound of the norm of the quotient."""
    # Entries of at most 1, so that nothing overflows. Below the smallest normal number all counts as zero.
    largest = ops.max(ops.abs(w), axis=(-2, -1), keepdims=True)
    largest = ops.where(largest >= 2.0**-126, largest, ops.ones_like(largest))
    w = w / largest
    g = gram(w)
    r, inner = _order(g, -1), _order(w, -2 if _is_tall(w) else -1)
    # λ(G) = scale · λ(S)^(1 / 2^i), where S has Frobenius norm 1.
    norm = ops.sqrt(_squared_norm(g))
    scale = ops.where(norm > 0.0, norm, ops.ones_like(norm))
    s = g / scale
    exponent = 1.0
    for _ in range(squarings):
        s = ops.matmul(s, s)
        exponent /= 2.0
        size = ops.sqrt(_squared_norm(s))
        size = ops.where(size > 0.0, size, ops.ones_like(size))
        s = s / size
        scale = scale * ops.power(size, exponent)
    trace = ops.sum(s * ops.eye(ops.shape(s)[-1], dtype=s.dtype), axis=(-2, -1), keepdims=True)
    power = _largest_eigenvalue_bound(trace, _squared_norm(s), r)
    eigenvalue = scale * ops.power(power, exponent) + _product_rounding(inner) * _squared_norm(w)
    eigenvalue = ops.where(norm > 0.0, eigenvalue * (1.0 + 2.0**-16), norm)
    return w, largest, ops.sqrt(eigenvalue)


def rescale(w: Any, target: float = 1.0, squarings: int = _FAR_SQUARINGS) -> Any:
    """W, divided where it has to be so that its spectral norm is at most `target`."""
    quotient, largest, bound = _relative_bound(w, squarings)
    # The norm itself may overflow, that of the quotient cannot. NaN compares false and stays NaN.
    return ops.where(largest * bound <= target, w, quotient * (target / bound))


def retract(w: Any, *, safe: bool = True) -> Any:
    """Take an updated kernel back: norm at most 1 for certain, all singular values near 1 if they were.

    Near the manifold, where an optimizer with a usual learning rate stays, this is one Gram matrix and one
    safe cubic step. Farther away the matrix is first scaled into the interval that the cubic maps
    monotonically, and gets two more steps. Meant for a variable's `constraint`, outside the gradient.

    Args:
        w: Matrices of shape (..., rows, columns), float32 or float64, of any magnitude.
        safe: Whether rounding may not lift the norm above 1.

    Returns:
        Matrices of the same shape. NaN and infinity give NaN, never a matrix that looks valid.
    """
    return retract_and_measure(w, safe=safe)[0]


def retract_and_measure(w: Any, *, safe: bool = True) -> tuple[Any, Any]:
    """What `retract` returns, and how far from the manifold it found the matrix.

    Returns:
        The matrices, and the largest root mean square of the eigenvalues of WᵀW - I among them, a scalar.
    """
    w, g, drift = _within_reach(w)
    return safe_cubic_step(w, g, safe=safe), drift


def orthonormal_step(w: Any) -> tuple[Any, Any]:
    """One cubic step towards orthonormal rows or columns, for matrices that no constant rests on.

    Returns:
        The matrices, and how far from the manifold they were, as `retract_and_measure` has it.
    """
    w, g, drift = _within_reach(w)
    return w - 0.5 * multiply(w, off_identity(g)), drift


def _within_reach(w: Any) -> tuple[Any, Any, Any]:
    """The matrices where a cubic step does all that is left, their Gram matrices, and how far off they were."""
    g = gram(w)
    drift, near = distance(g)
    w, g = ops.cond(near, lambda: (w, g), lambda: _from_afar(w))
    return w, g, drift


def _from_afar(w: Any) -> tuple[Any, Any]:
    """The matrices scaled and brought near by cubic steps, and their Gram matrices."""
    if keras.config.backend() != "tensorflow" or not _in_graph():
        return _bring_near(w)
    # One graph for the kernels of all layers: it is long and hardly ever run.
    tall, shape = _is_tall(w), w.shape
    x = ops.reshape(w, (-1, *shape[-2:]))
    x, g = _shared()(x if tall else ops.swapaxes(x, -1, -2))
    order = min(shape[-2:])
    return ops.reshape(x if tall else ops.swapaxes(x, -1, -2), shape), ops.reshape(
        g, (*shape[:-2], order, order)
    )


def _bring_near(w: Any) -> tuple[Any, Any]:
    x = rescale(w, _NEAR)
    for _ in range(_FAR_STEPS):
        x = cubic_step(x, gram(x))
    return x, gram(x)


def _in_graph() -> bool:
    import tensorflow as tf

    return not tf.executing_eagerly()


@functools.cache
def _shared() -> Callable[..., tuple[Any, Any]]:
    """`_bring_near` of stacks of tall matrices of any size, traced once for each type."""
    import tensorflow as tf

    def of(dtype: str) -> Any:
        signature = [tf.TensorSpec((None, None, None), dtype)]
        return tf.function(
            _bring_near,
            input_signature=signature,
            autograph=False,
            experimental_attributes={"_noinline": True},
        )

    functions = {dtype: of(dtype) for dtype in ("float32", "float64")}
    return lambda w: functions[kernel_dtype(w)](w)


def distance(g: Any) -> tuple[Any, Any]:
    """How far from orthonormal the matrices with these Gram matrices are, and whether cubic steps bring them back.

    Returns:
        The root mean square of the eigenvalues of G - I, the largest of a stack's; and whether every singular value is
        under √3, from where on the cubic would turn its sign, and well under it where there are few.
    """
    e = off_identity(g)
    rank = g.shape[-1]
    square = ops.max(_squared_norm(e))
    drift, near = ops.sqrt(square / rank), square <= min(4.0, 0.01 * rank)
    # ‖W‖² <= 1 + ‖E‖, to be below 3, and ‖E‖ <= ‖E‖_F. Of many eigenvalues alike that is far from the largest, and
    # ‖E‖² <= ‖E²‖_F is nearer. NaN compares false.
    if rank > MANY:
        near = ops.cond(near, lambda: near, lambda: ops.max(_squared_norm(ops.matmul(e, e))) <= 16.0)
    return drift, near


def orthogonalize(w: Any, eps: float, maxiter: int, beta: float = 0.5, *, safe: bool = True) -> Any:
    """Bring all singular values to 1 (all rows or all columns orthonormal), as far as they are not 0.

    Steps `(1 + β) W - β W WᵀW` until one changes W by less than eps in the Frobenius norm, then the safe
    cubic step, which squares what was left of the error.

    Args:
        w: Matrices of shape (..., rows, columns), of any magnitude.
        eps: Tolerance, above 0.
        maxiter: Most steps before the safe one.
        beta: In (0, 0.5].
        safe: Whether rounding may not lift the norm above 1.

    Returns:
        Matrices of the same shape with a spectral norm of at most 1.
    """
    w = rescale(w, _NEAR)
    g = gram(w)

    def change(w: Any, g: Any) -> Any:
        return beta * (w - multiply(w, g))

    def goes_on(*state: Any) -> Any:
        return ops.any(_squared_norm(state[-1]) >= eps * eps)

    def body(w: Any, g: Any, step: Any) -> tuple[Any, Any, Any]:
        w = w + step
        g = gram(w)
        return w, g, change(w, g)

    w, g, _ = ops.while_loop(goes_on, body, (w, g, change(w, g)), maximum_iterations=maxiter)
    return safe_cubic_step(w, g, safe=safe)


def squarings_for(eps: float, maxiter: int, rank: int) -> int:
    """Squarings that bring `norm_upper_bound` within a factor 1 + eps of the norm, at most maxiter."""
    if rank <= 1:
        return 1
    needed = math.log2(math.log(rank) / (4.0 * math.log1p(eps)))
    return max(1, min(maxiter, math.ceil(needed)))


def scale_down(w: Any, squarings: int) -> Any:
    """W with a spectral norm of at most 1, by division alone: what eps_bjorck=None asks for."""
    return rescale(w, 1.0, squarings) * SAFETY
