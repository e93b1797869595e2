"""Certified radii from logits and a Lipschitz constant, rounded down.

Radii are L2 distances in the units of whatever the constant refers to. `error` bounds how far a logit may be
from the one of the certified function, for every sample; it is subtracted from both sides of a margin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.rounding import add_up, down, gamma, mul_up, require_ieee, sqrt_up, up

Array = NDArray[np.float64]


def pairwise_distances(kernel: np.ndarray) -> Array:
    """Bound ‖w_i − w_j‖₂ over the columns of the last kernel: the constants of the logits' differences.

    Args:
        kernel: (inputs, classes), float16, bfloat16, float32 or float64.

    Returns:
        (classes, classes), upper bounds, symmetric, with zeros on the diagonal.

    Raises:
        TypeError: If the kernel's type is another one.
        ValueError: If the kernel is not a matrix, or holds NaN or infinity.
    """
    weights = exact_float64(kernel, ndim=2)
    largest = float(np.max(np.abs(weights), initial=0.0))
    classes = weights.shape[1]
    distances = np.zeros((classes, classes))
    # A difference is off by a factor of 1 ± u, a sum of squares by 1 ± γ; a square that underflows loses
    # 2^-1022.
    slack = 1.0 + 2.0 * gamma(weights.shape[0] + 16)
    scale = 2.0 ** -int(np.frexp(largest)[1]) if 2.0**-1000 < largest < 2.0**1000 else 1.0
    for i in range(classes):
        differences = (weights[:, i : i + 1] - weights) * scale
        with np.errstate(over="ignore"):
            squares = np.sum(differences * differences, axis=0)
        for j in range(i):
            # Without a bit of difference there is nothing to round.
            if np.array_equal(weights[:, i], weights[:, j]):
                continue
            square = add_up(mul_up(float(squares[j]), slack), weights.shape[0] * 2.0**-1000)
            distances[i, j] = distances[j, i] = mul_up(sqrt_up(square), 1.0 / scale)
    return distances


def targeted_radii(
    logits: ArrayLike,
    distances: ArrayLike,
    rest: float,
    *,
    error: ArrayLike = 0.0,
    source: ArrayLike | None = None,
) -> Array:
    """The radius within which the class of a sample cannot become each other class.

    r_j = (z_i − z_j − 2·error) / (‖w_i − w_j‖₂ · Λ), 0 where it is not positive, i the predicted class.

    Args:
        logits: (samples, classes).
        distances: (classes, classes), upper bounds of ‖w_i − w_j‖₂; see `pairwise_distances`.
        rest: Λ, an upper bound of the constant of everything before the last linear layer.
        error: (samples,) or a number: how far a logit may be from the true one.
        source: (samples,), the classes i; the largest logit where left out.

    Returns:
        (samples, classes), infinite where the class is the target itself or nothing can change the
        difference.

    Raises:
        ValueError: If shapes do not fit, or a number is NaN, or a constant or an error is negative.
    """
    z, e = _checked(logits, rest, error)
    if z.ndim != 2:
        raise ValueError(f"logits of shape {z.shape}; (samples, classes) are needed")
    d = np.asarray(distances, np.float64)
    if d.shape != (z.shape[1], z.shape[1]) or not (d >= 0.0).all():
        raise ValueError(f"distances of shape {d.shape} for {z.shape[1]} classes, or negative ones")
    chosen = np.argmax(z, axis=1) if source is None else np.asarray(source, np.int64)
    rows = np.arange(z.shape[0])
    margins = _less_error(down(z[rows, chosen][:, None] - z), e[:, None])
    result = _quotient(margins, _product_up(d[chosen], rest))
    result[rows, chosen] = np.inf
    return result


def pairwise_radii(
    logits: ArrayLike,
    distances: ArrayLike,
    rest: float,
    *,
    error: ArrayLike = 0.0,
    source: ArrayLike | None = None,
) -> Array:
    """The radius within which the predicted class of a sample cannot change: min_j of `targeted_radii`.

    It is at least margin / (√2 L) wherever L = ‖W‖₂ · Λ, as ‖w_i − w_j‖₂ <= √2 ‖W‖₂. A tie has the radius 0.

    Args:
        logits: (samples, classes), two classes or more.
        distances: (classes, classes), upper bounds of ‖w_i − w_j‖₂.
        rest: Λ, an upper bound of the constant of everything before the last linear layer.
        error: (samples,) or a number: how far a logit may be from the true one.
        source: (samples,), the classes that must not change; the largest logit where left out.

    Returns:
        (samples,).

    Raises:
        ValueError: As `targeted_radii`, or if there is a single class.
    """
    radii = targeted_radii(logits, distances, rest, error=error, source=source)
    if radii.shape[1] < 2:
        raise ValueError("a single logit has no other class; use binary_radii")
    return np.asarray(radii.min(axis=1), np.float64)


def margin_radii(logits: ArrayLike, lipschitz: float, *, error: ArrayLike = 0.0) -> Array:
    """(z_(1) − z_(2) − 2·error) / (√2 L): the radius from the constant of the whole network alone.

    Args:
        logits: (samples, classes), two classes or more.
        lipschitz: L, an upper bound of the constant of the logits.
        error: (samples,) or a number: how far a logit may be from the true one.

    Returns:
        (samples,).

    Raises:
        ValueError: As `pairwise_radii`.
    """
    classes = np.shape(logits)[-1]
    distances = np.full((classes, classes), sqrt_up(2.0)) * (1.0 - np.eye(classes))
    return pairwise_radii(logits, distances, lipschitz, error=error)


def binary_radii(
    logits: ArrayLike, lipschitz: float, *, threshold: float = 0.0, error: ArrayLike = 0.0
) -> Array:
    """(|f − threshold| − error) / L: the radius of a network with a single logit.

    Args:
        logits: (samples,) or (samples, 1).
        lipschitz: L, an upper bound of the constant of f.
        threshold: Where the class changes.
        error: (samples,) or a number: how far f may be from the true one.

    Returns:
        (samples,).

    Raises:
        ValueError: If shapes do not fit, or a number is NaN, or the constant or an error is negative.
    """
    z, e = _checked(logits, lipschitz, error)
    z = _single(z)
    return _quotient(down(down(np.abs(z - threshold)) - e), _product_up(np.ones_like(z), lipschitz))


def regression_intervals(
    values: ArrayLike, lipschitz: float, radius: float, *, error: ArrayLike = 0.0
) -> tuple[Array, Array]:
    """f ∓ (L·radius + error): where a single output stays while the input moves by at most `radius`.

    Args:
        values: (samples,) or (samples, 1).
        lipschitz: L, an upper bound of the constant of f.
        radius: How far the input may move.
        error: (samples,) or a number: how far f may be from the true one.

    Returns:
        Lower and upper ends, (samples,) each, rounded outwards.

    Raises:
        ValueError: If shapes do not fit, or a number is NaN or negative.
    """
    f, e = _checked(values, lipschitz, error)
    f = _single(f)
    if not radius >= 0.0:
        raise ValueError(f"a radius of {radius}")
    reach = up(e + (mul_up(lipschitz, radius) if radius > 0.0 else 0.0))
    return down(f - reach), up(f + reach)


def _checked(values: ArrayLike, constant: float, error: ArrayLike) -> tuple[Array, Array]:
    require_ieee()
    z = np.asarray(values)
    if z.dtype.kind not in "f" or z.dtype.itemsize > 8:
        raise ValueError(f"values of type {z.dtype.name}; floats of at most 64 bits are needed")
    z = z.astype(np.float64)
    if z.ndim == 0 or not np.isfinite(z).all():
        raise ValueError("a value is NaN or infinite, or there is no axis of samples")
    e = np.broadcast_to(np.asarray(error, np.float64), (z.shape[0],))
    if not constant >= 0.0 or not (e >= 0.0).all():
        raise ValueError(f"a Lipschitz constant of {constant} or an error that is negative or NaN")
    return z, e


def _single(values: Array) -> Array:
    if values.ndim == 2 and values.shape[1] == 1:
        return values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"values of shape {values.shape}; (samples,) or (samples, 1) are needed")
    return values


def _less_error(margins: Array, error: Array) -> Array:
    with np.errstate(over="ignore"):
        return down(margins - 2.0 * error)  # doubling is exact


def _product_up(distances: Array, constant: float) -> Array:
    """Distances · constant rounded up; a distance of exactly zero stays so, whatever the constant."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (
            np.where(distances == 0.0, 0.0, up(distances * constant))
            if constant
            else np.zeros_like(distances)
        )


def _quotient(margins: Array, constants: Array) -> Array:
    """max(margin / constant, 0) rounded down; infinite where nothing can change a positive margin."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        quotient = np.maximum(down(margins / constants), 0.0)
    positive = margins > 0.0
    return np.where(positive & (constants > 0.0), quotient, np.where(positive, np.inf, 0.0))
