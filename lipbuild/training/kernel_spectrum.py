from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.layers.lipschitz_layer import LipschitzLayer

# A convolution is looked at on a periodic image of so many strides a side.
_PERIOD = 8


def kernel_spectra(layer: keras.layers.Layer) -> dict[str, NDArray[np.float64]]:
    """The singular values of the linear maps of a layer's constrained kernels as they are applied, in float64.

    Those of a dense kernel are exact up to rounding. Those of a convolution are its own on a periodic image of 8
    strides a side: of the matrices K̂(ω) = Σ_q K_q e^{iω·q} at the image's frequencies ω, the inputs of a stride taken
    together (Sedghi, Gupta, Long 2019). None is above the norm of the convolution on images of every size. They are
    measured, and prove nothing.

    Args:
        layer: A built layer.

    Returns:
        By kernel (values,), ascending. A layer with one kernel has it under its own name; a residual block has
        `NAME/into` and `NAME/back`, the maps into its hidden channels and back with its factors, a recurrent layer
        `NAME/kernel`, of a step's input, and `NAME/recurrent_kernel`. Empty for a layer without such kernels.
    """
    kernels = layer.applied_kernels() if isinstance(layer, LipschitzLayer) else {}
    return {f"{layer.name}/{part}".rstrip("/"): _spectrum(layer, kernel) for part, kernel in kernels.items()}


def _spectrum(layer: Any, applied: Any) -> NDArray[np.float64]:
    kernel = np.asarray(keras.ops.convert_to_numpy(applied), np.float64)
    if kernel.ndim == 2:
        return np.sort(np.linalg.svd(kernel, compute_uv=False))
    # That of a transposed convolution is laid out as that of the convolution whose transpose it is.
    return _of_convolution(kernel, _strides(layer, kernel.ndim - 2), int(getattr(layer, "groups", 1)))


def _strides(layer: Any, axes: int) -> tuple[int, ...]:
    strides = getattr(layer, "strides", 1)
    return tuple(strides) if isinstance(strides, (tuple, list)) else (int(strides),) * axes


def _of_convolution(
    kernel: NDArray[np.float64], strides: tuple[int, ...], groups: int
) -> NDArray[np.float64]:
    axes = kernel.ndim - 2
    sizes = [-(-size // stride) * stride for size, stride in zip(kernel.shape, strides)]
    padded = np.zeros((*sizes, *kernel.shape[axes:]))
    padded[tuple(slice(size) for size in kernel.shape[:axes])] = kernel
    split = [part for size, stride in zip(sizes, strides) for part in (size // stride, stride)]
    cells = padded.reshape(*split, *kernel.shape[axes:])
    order = [*range(0, 2 * axes, 2), *range(1, 2 * axes, 2), 2 * axes, 2 * axes + 1]
    shifts = [size // stride for size, stride in zip(sizes, strides)]
    inputs, outputs = math.prod(strides) * kernel.shape[-2], kernel.shape[-1]
    taps = cells.transpose(order).reshape(*shifts, inputs, outputs)
    periods = [max(_PERIOD, shift) for shift in shifts]
    symbols = np.fft.fftn(taps, s=periods, axes=tuple(range(axes)))
    parts = np.split(symbols, groups, axis=-1)
    return np.sort(np.concatenate([np.linalg.svd(part, compute_uv=False).ravel() for part in parts]))
