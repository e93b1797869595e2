"""Independent constructions of the operators whose bounds are tested."""

import itertools

import numpy as np


def convolution_matrix(kernel, shape, strides, padding, dilation, groups):
    """The matrix of a Keras convolution, entry by entry from its definition."""
    d = len(shape)
    *sizes, per_group, outputs = kernel.shape
    inputs = per_group * groups
    lefts, counts = [], []
    for m, k, s, r in zip(shape, sizes, strides, dilation, strict=True):
        extent = (k - 1) * r + 1
        if padding == "valid":
            counts.append((m - extent) // s + 1)
            lefts.append(0)
        elif padding == "causal":
            counts.append(-(-m // s))
            lefts.append(extent - 1)
        else:
            counts.append(-(-m // s))
            lefts.append(max((counts[-1] - 1) * s + extent - m, 0) // 2)
    matrix = np.zeros((*shape, inputs, *counts, outputs))
    for target in itertools.product(*map(range, counts)):
        for tap in itertools.product(*map(range, sizes)):
            source = [
                t * s + a * r - p for t, s, a, r, p in zip(target, strides, tap, dilation, lefts, strict=True)
            ]
            if all(0 <= q < m for q, m in zip(source, shape, strict=True)):
                for o in range(outputs):
                    g = o // (outputs // groups)
                    rows = slice(g * per_group, (g + 1) * per_group)
                    matrix[(*source, rows, *target, o)] = kernel[(*tap, slice(None), o)]
    assert d == len(counts)
    return matrix.reshape(int(np.prod(shape)) * inputs, -1)


def norm(matrix):
    return float(np.linalg.svd(matrix, compute_uv=False)[0]) if np.any(matrix) else 0.0


def orthogonal_convolution(channels, size, seed=0):
    """A BCOP kernel (Li et al. 2019): orthogonal with circular padding."""
    rng = np.random.default_rng(seed)

    def projector():
        q = np.linalg.qr(rng.standard_normal((channels, max(channels // 2, 1))))[0]
        return q @ q.T

    identity = np.eye(channels)
    kernel = np.linalg.qr(rng.standard_normal((channels, channels)))[0][None, None]
    for _ in range(size - 1):
        p, q = projector(), projector()
        block = np.array([[p @ q, p @ (identity - q)], [(identity - p) @ q, (identity - p) @ (identity - q)]])
        grown = np.zeros((kernel.shape[0] + 1, kernel.shape[1] + 1, channels, channels))
        for i, j in itertools.product(range(kernel.shape[0]), range(kernel.shape[1])):
            grown[i : i + 2, j : j + 2] += np.einsum("ab,xybc->xyac", kernel[i, j], block)
        kernel = grown
    return kernel.astype(np.float32)
