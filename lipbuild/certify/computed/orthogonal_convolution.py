from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.balls import Balls
from lipbuild.certify.computed.safety import SAFETY


def orthogonal_convolution_kernel(
    patch: np.ndarray,
    bases: np.ndarray | None,
    size: tuple[int, int],
    strides: tuple[int, int],
    groups: int = 1,
) -> Balls:
    """The kernel of `OrthoConv2D`: of each group two-tap factors [P, I − P] along both axes, and one patch matrix.

    Args:
        patch: (groups, sh · sw · inputs, outputs).
        bases: matrices M with P = M Mᵀ, (groups · (kh + kw − sh − sw), channels, rank), or None where there is none.
        size: (kh, kw).
        strides: (sh, sw).
        groups: number of groups.

    Returns:
        (kh, kw, inputs, groups · outputs).

    Raises:
        ValueError: if shapes do not fit, or a weight is not finite.
    """
    if patch.ndim != 3 or patch.shape[0] != groups:
        raise ValueError(f"a patch matrix of shape {patch.shape} for {groups} groups")
    count = sum(size) - sum(strides)
    if bases is not None and len(bases) != groups * count:
        raise ValueError(f"bases of shape {bases.shape}")
    kernels = [
        _kernel(matrix, None if bases is None else bases[i * count : (i + 1) * count], size, strides)
        for i, matrix in enumerate(patch)
    ]
    middle, radius = (
        np.concatenate([getattr(kernel, part) for kernel in kernels], axis=-1)
        for part in ("middle", "radius")
    )
    return Balls(middle, radius)


def _kernel(
    patch: np.ndarray, bases: np.ndarray | None, size: tuple[int, int], strides: tuple[int, int]
) -> Balls:
    """The kernel of one group."""
    (kh, kw), (sh, sw) = size, strides
    if patch.shape[0] % (sh * sw):
        raise ValueError(f"a patch matrix of shape {patch.shape}")
    inputs, outputs = patch.shape[0] // (sh * sw), patch.shape[1]
    first = Balls.exact(patch).moved(lambda part: part.reshape(sh, sw, inputs, outputs))
    if bases is None:
        return first * SAFETY
    # Few inputs: the factors act where the channels have been expanded.
    expanded = sh * sw == 1 and outputs > inputs
    if bases.ndim != 3 or bases.shape[:2] != (kh - sh + kw - sw, outputs if expanded else inputs):
        raise ValueError(f"bases of shape {bases.shape}")
    factors = _factors(bases, kh - sh + 1, kw - sw + 1)
    kernel = _composed(first, factors) if expanded else _composed(factors, first)
    return kernel * SAFETY


def _factors(bases: np.ndarray, height: int, width: int) -> Balls:
    """The convolution of all two-tap factors, (height, width, channels, channels)."""
    identity = Balls.exact(np.eye(bases.shape[1]))
    kernel = identity.moved(lambda part: part[None, None])
    # Both axes in turn, and the factors alternate in pairs, so that the kernel stays centred.
    vertical, horizontal = list(range(height - 1)), list(range(height - 1, height + width - 2))
    order: list[tuple[int, int]] = []
    for i in range(max(height, width) - 1):
        order += [(0, index) for index in vertical[i : i + 1]]
        order += [(1, index) for index in horizontal[i : i + 1]]
    for position, (axis, index) in enumerate(order):
        basis = Balls.exact(bases[index])
        p = basis @ basis.transposed
        q = identity - p
        taps = [p, q] if (position // 2) % 2 == 0 else [q, p]
        stacked = Balls(np.stack([t.middle for t in taps]), np.stack([t.radius for t in taps]))
        kernel = _composed(kernel, stacked[:, None] if axis == 0 else stacked[None])
    return kernel


def _composed(first: Balls, second: Balls) -> Balls:
    """The kernel of one convolution after the other: K[q] = Σ A[p] B[q − p]."""
    h, w, inputs, _ = first.middle.shape
    h2, w2, _, outputs = second.middle.shape
    shape = (h + h2 - 1, w + w2 - 1, inputs, outputs)
    total = Balls(np.zeros(shape), np.zeros(shape))
    for i, j in np.ndindex(h2, w2):
        product = first @ second[i, j]
        shifted = Balls(np.zeros(shape), np.zeros(shape))
        shifted.middle[i : i + h, j : j + w] = product.middle
        shifted.radius[i : i + h, j : j + w] = product.radius
        total = total + shifted
    return total
