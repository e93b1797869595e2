"""Where the symbol of a convolution is largest on a grid, unproved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.stencil import Stencil
from lipbuild.certifying.bounds.symbol import Frequency, parts_of_symbols, symbol_chunks

# Steps of the Lanczos iteration, and the share of the frequencies that are then looked at in full.
_STEPS, _SHARE = 10, 0.06
_AT_LEAST = 6


def largest_on_grid(stencil: Stencil, at: Sequence[Frequency]) -> float:
    """The largest squared singular value of the symbol on a grid: a hint, and nearly always the true one.

    A few steps of the Lanczos iteration in single precision say of each frequency about how large it is; of those
    that come first all eigenvalues are computed.

    Args:
        stencil: The convolution.
        at: The frequencies.

    Returns:
        The hint.
    """
    largest = 0.0
    for chunk in symbol_chunks(stencil, at):
        real, imaginary = parts_of_symbols(stencil, chunk)
        if real.shape[1] < real.shape[2]:
            real, imaginary = np.swapaxes(real, 1, 2), -np.swapaxes(imaginary, 1, 2)
        about = np.concatenate([_about(part) for part in _grams(real, imaginary)])
        kept = max(_AT_LEAST, int(len(about) * _SHARE))
        first = np.argsort(about)[-kept:]
        matrix = real[first] + 1j * imaginary[first]
        gram = np.matmul(np.conj(np.swapaxes(matrix, 1, 2)), matrix)
        largest = max(largest, float(np.max(np.linalg.eigvalsh(gram)[:, -1])))
    return largest


def _grams(real: Array, imaginary: Array) -> Iterator[NDArray[np.complex64]]:
    """The Gram matrices in single precision, so many at a time as a processor's cache holds."""
    step = max(1, 2**18 // (real.shape[1] * real.shape[2]))
    for start in range(0, len(real), step):
        part = real[start : start + step].astype(np.complex64)
        part.imag = imaginary[start : start + step]
        yield np.matmul(np.conj(np.swapaxes(part, 1, 2)), part)


def _about(grams: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Ritz values of the largest eigenvalues."""
    count, order = grams.shape[:2]
    steps = min(_STEPS, order)
    rng = np.random.default_rng(0)
    vector = np.broadcast_to(rng.standard_normal((1, order, 1)), (count, order, 1)).astype(np.complex64)
    vector /= np.linalg.norm(vector, axis=1, keepdims=True)
    before, off = np.zeros_like(vector), np.zeros((count, 1, 1), np.float32)
    tridiagonal = np.zeros((count, steps, steps), np.float32)
    for i in range(steps):
        image = np.matmul(grams, vector) - off * before
        along = np.sum((np.conj(vector) * image).real, axis=1, keepdims=True)
        image -= along * vector
        off = np.linalg.norm(image, axis=1, keepdims=True)
        tridiagonal[:, i, i] = along[:, 0, 0]
        if i + 1 < steps:
            tridiagonal[:, i + 1, i] = tridiagonal[:, i, i + 1] = off[:, 0, 0]
        before, vector = vector, image / np.maximum(off, np.float32(1e-30))
    values = np.linalg.eigvalsh(np.nan_to_num(tridiagonal))
    return np.asarray(values[:, -1], np.float32)
