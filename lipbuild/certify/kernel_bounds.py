"""The one table of the layers with trained weights: how the constant of each follows from them.

A layer with weights that is not here has no proved constant, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.bounds.convolution import convolution
from lipbuild.certify.bounds.dense import dense
from lipbuild.certify.bounds.transposed import transposed
from lipbuild.spec.graph import Graph, GraphNode
from lipbuild.spec.layers.constrained import ConstrainedSpec
from lipbuild.spec.rounding import mul_up, root_up

if TYPE_CHECKING:
    import keras

Kernel = NDArray[np.float32]


@dataclass(frozen=True)
class KernelBound:
    """How the norm of a layer follows from the weights that its plain form applies.

    Attributes:
        prove: The layer and its weights to a proved upper bound of the norm, rounding included.
        measure: The same to the norm as a singular value decomposition in float64 gives it.
        weight: The name of the weights in the plain Keras layer.
    """

    prove: Callable[[GraphNode, Kernel], float]
    measure: Callable[[GraphNode, Kernel], float]
    weight: str = "kernel"


def promised_norm(node: GraphNode) -> float:
    """What the norm of a layer's weights is held at, its activation left out."""
    spec = node.spec
    return spec.kernel_bound() if isinstance(spec, ConstrainedSpec) else spec.gain(node.input_shapes[0])


def applied_kernels(plain: keras.Model, graph: Graph) -> dict[str, Kernel]:
    """The weights that each layer of the table applies, its coefficient multiplied in.

    Args:
        plain: The plain form of the trained model of the graph.
        graph: The graph.
    """
    return {
        node.name: np.asarray(getattr(plain.get_layer(node.name), KERNEL_BOUNDS[node.kind].weight))
        for node in graph.nodes
        if node.kind in KERNEL_BOUNDS
    }


def _norm(matrix: Kernel) -> float:
    values = matrix.astype(np.float64)
    return float(np.linalg.norm(values, 2)) if np.isfinite(values).all() else float("nan")


def _windows(spec: Any) -> int:
    """In how many windows an input value is at most: gathering them has the norm √windows."""
    sizes, strides = _tuple(spec.kernel_size), _tuple(spec.strides)
    return prod(-(-size // stride) for size, stride in zip(sizes, strides))


def _tuple(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else value


def _reshaped(spec: Any, kernel: Kernel) -> list[Kernel]:
    """The kernel of each group as a matrix, (∏ sizes · inputs, outputs)."""
    groups = getattr(spec, "groups", 1)
    return [part.reshape(-1, part.shape[-1]) for part in np.split(kernel, groups, axis=-1)]


def _reshaped_proved(spec: Any, kernel: Kernel) -> float:
    largest = max(dense(matrix).upper for matrix in _reshaped(spec, kernel))
    return mul_up(root_up(_windows(spec)), largest)


def _reshaped_measured(node: GraphNode, kernel: Kernel) -> float:
    norms = [_norm(matrix) for matrix in _reshaped(node.spec, kernel)]
    return float(np.sqrt(_windows(node.spec)) * np.max(norms))


def _convolution_proved(node: GraphNode, kernel: Kernel) -> float:
    spec: Any = node.spec
    proved = _reshaped_proved(spec, kernel)
    sizes = node.input_shapes[0][:-1]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return proved
    exact = convolution(
        kernel,
        known,
        strides=spec.strides,
        padding=spec.padding,
        dilation_rate=spec.dilation_rate,
        groups=spec.groups,
    )
    return min(proved, exact.upper)


def _transposed_proved(node: GraphNode, kernel: Kernel) -> float:
    spec: Any = node.spec
    proved = _reshaped_proved(spec, kernel)
    sizes = node.shape[:-1]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return proved
    return min(proved, transposed(kernel, known, strides=spec.strides, padding=spec.padding).upper)


def _slopes(node: GraphNode, slopes: Kernel) -> float:
    """K·max(1, |slope|)."""
    largest = float(np.max(np.abs(slopes.astype(np.float64)), initial=1.0))
    return mul_up(node.spec.gain(node.input_shapes[0]), largest) if np.isfinite(largest) else float("nan")


_DENSE = KernelBound(lambda _, kernel: dense(kernel).upper, lambda _, kernel: _norm(kernel))
_CONVOLUTION = KernelBound(_convolution_proved, _reshaped_measured)

KERNEL_BOUNDS: dict[str, KernelBound] = {
    "SpectralDense": _DENSE,
    "FrobeniusDense": _DENSE,
    "SpectralConv1D": _CONVOLUTION,
    "SpectralConv2D": _CONVOLUTION,
    "FrobeniusConv2D": _CONVOLUTION,
    "SpectralConv2DTranspose": KernelBound(_transposed_proved, _reshaped_measured),
    "PReLUlip": KernelBound(_slopes, _slopes, "alpha"),
}

# Layers whose constant is what their spec says whatever their weights are: a translation, the angles of
# reflections, a share between 0 and 1.
WEIGHT_FREE = frozenset({"BatchCentering", "LayerCentering", "Householder", "LipResidual"})
