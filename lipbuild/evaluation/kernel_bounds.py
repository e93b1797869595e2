"""The one table of the layers with trained weights: how the constant of each follows from them.

A layer with weights that is not here has no proved constant, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.convolution import convolution
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.bounds.schur_bound import schur_bound
from lipbuild.certifying.bounds.transposed import transposed
from lipbuild.evaluation.recurrence_bound import recurrence_bound
from lipbuild.evaluation.residual_bound import residual_bound
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.rounding import mul_up, root_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.kernels import ConstrainedSpec

if TYPE_CHECKING:
    import keras

Kernel = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class KernelBound:
    """How the norm of a layer follows from the weights that its plain form applies.

    Attributes:
        prove: The layer and its weights to a proved upper bound of the constant, rounding included.
        measure: The same to the norm as a singular value decomposition in float64 gives it; the proved bound
            where left out.
        weight: The name of the weights in the plain Keras layer.
        parts: What follows the layer's name in those of its plain Keras layers that hold weights.
    """

    prove: Callable[..., float]
    measure: Callable[..., float] | None = None
    weight: str = "kernel"
    parts: tuple[str, ...] = ("",)

    def names(self, node: GraphNode) -> list[str]:
        """The names of the plain Keras layers that hold the layer's weights."""
        return [f"{node.name}{part}" for part in self.parts]

    def proved(self, node: GraphNode, kernels: Mapping[str, Kernel]) -> float:
        """The proved bound of a layer among all weights."""
        return self.prove(node, *(kernels[name] for name in self.names(node)))

    def measured(self, node: GraphNode, kernels: Mapping[str, Kernel]) -> float:
        """The measured norm of a layer among all weights; NaN where they are not finite."""
        own = [kernels[name] for name in self.names(node)]
        if not all(np.isfinite(kernel).all() for kernel in own):
            return float("nan")
        return (self.measure or self.prove)(node, *own)


def promised_norm(node: GraphNode) -> float:
    """What the norm of a layer's weights is held at, its activation left out."""
    spec = node.spec
    return spec.kernel_bound() if isinstance(spec, ConstrainedSpec) else spec.gain(node.input_shapes[0])


def applied_kernels(plain: keras.Model, graph: Graph) -> dict[str, Kernel]:
    """The weights that each layer of the table applies, its coefficient multiplied in.

    Args:
        plain: The plain form of the trained model of the graph.
        graph: The graph.

    Returns:
        The weights by the names of the plain layers that hold them.
    """
    return {
        name: np.asarray(getattr(plain.get_layer(name), KERNEL_BOUNDS[node.kind].weight))
        for node in graph.nodes
        if node.kind in KERNEL_BOUNDS
        for name in KERNEL_BOUNDS[node.kind].names(node)
    }


def _norm(matrix: Kernel) -> float:
    return float(np.linalg.norm(matrix.astype(np.float64), 2))


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


def _known(sizes: Shape) -> tuple[int, ...] | None:
    """The spatial sizes, or None where one is not fixed: the bound then holds for all."""
    known = tuple(size for size in sizes if size is not None)
    return known if len(known) == len(sizes) else None


def _operator_proved(node: GraphNode, kernel: Kernel) -> float:
    spec: Any = node.spec
    return convolution(
        kernel,
        _known(node.input_shapes[0][:-1]),
        strides=spec.strides,
        padding=spec.padding,
        dilation_rate=spec.dilation_rate,
        groups=getattr(spec, "groups", 1),
    ).upper


def _convolution_proved(node: GraphNode, kernel: Kernel) -> float:
    return min(_reshaped_proved(node.spec, kernel), _operator_proved(node, kernel))


def _gram_proved(_: GraphNode, kernel: Kernel) -> float:
    return schur_bound(kernel, of_outputs=kernel.shape[-1] <= kernel.shape[-2])


def _rescaled_proved(node: GraphNode, kernel: Kernel) -> float:
    return min(_gram_proved(node, kernel), _operator_proved(node, kernel))


def _orthogonal_proved(node: GraphNode, kernel: Kernel) -> float:
    # The symbol of an orthogonal kernel is flat: the bound for all sizes is cheap, and as good as any.
    spec: Any = node.spec
    # Its adjoint has the same norm, and neither dilation nor padding changes that for all sizes together.
    promised = promised_norm(node)
    groups = getattr(spec, "groups", 1)
    any_size = convolution(
        kernel, None, strides=spec.strides, padding="same", groups=groups, enough=promised
    ).upper
    if any_size <= promised:
        return any_size
    other = _adjoint_proved if node.kind == "OrthoConv2DTranspose" else _operator_proved
    return min(any_size, other(node, kernel))


def _adjoint_proved(node: GraphNode, kernel: Kernel) -> float:
    spec: Any = node.spec
    return transposed(kernel, _known(node.shape[:-1]), strides=spec.strides, padding=spec.padding).upper


def _transposed_proved(node: GraphNode, kernel: Kernel) -> float:
    return min(_reshaped_proved(node.spec, kernel), _adjoint_proved(node, kernel))


def _dense_block_proved(node: GraphNode, into: Kernel, back: Kernel) -> float:
    def norm(matrix: NDArray[np.float64]) -> float:
        return dense(matrix).upper

    return mul_up(promised_norm(node), residual_bound(into, back.T, norm, norm))


def _convolution_block_proved(node: GraphNode, into: Kernel, back: Kernel) -> float:
    sizes = _known(node.input_shapes[0][:-1])

    def norm(kernel: NDArray[np.float64]) -> float:
        by_gram = schur_bound(kernel, of_outputs=True)
        # With √2 the block is non-expansive, and less is of no use.
        if by_gram * by_gram <= 2.0:
            return by_gram
        return min(by_gram, convolution(kernel, sizes, padding="same", enough=sqrt(2.0)).upper)

    def rough_norm(kernel: NDArray[np.float64]) -> float:
        taps = prod(kernel.shape[:2])
        return mul_up(root_up(taps), dense(kernel.reshape(-1, kernel.shape[-1])).upper)

    return mul_up(promised_norm(node), residual_bound(into, back, norm, rough_norm))


def _recurrence_proved(node: GraphNode, kernel: Kernel, recurrent: Kernel) -> float:
    spec: Any = node.spec
    steps = node.input_shapes[0][0]
    assert steps is not None
    return recurrence_bound(dense(kernel).upper, dense(recurrent).upper, steps, spec.return_sequences)


def _slopes(node: GraphNode, slopes: Kernel) -> float:
    """K·max(1, |slope|)."""
    largest = float(np.max(np.abs(slopes.astype(np.float64)), initial=1.0))
    return mul_up(promised_norm(node), largest)


_DENSE = KernelBound(lambda _, kernel: dense(kernel).upper, lambda _, kernel: _norm(kernel))
_CONVOLUTION = KernelBound(_convolution_proved, _reshaped_measured)
_DENSE_BLOCK = KernelBound(_dense_block_proved, parts=("_into", "_back"))
_CONVOLUTION_BLOCK = KernelBound(_convolution_block_proved, parts=("_into", "_back"))

KERNEL_BOUNDS: dict[str, KernelBound] = {
    "Dense": _DENSE,  # fixed, of a resizing; a trained one is refused before
    "SpectralDense": _DENSE,
    "FrobeniusDense": _DENSE,
    "LastLayerNormalized": _DENSE,
    "OrthoDense": _DENSE,
    "AOLDense": _DENSE,
    "SpectralConv1D": _CONVOLUTION,
    "SpectralConv2D": _CONVOLUTION,
    "FrobeniusConv2D": _CONVOLUTION,
    "OrthoConv2D": KernelBound(_orthogonal_proved),
    "AOLConv2D": KernelBound(_rescaled_proved, _gram_proved),
    "SpectralConv2DTranspose": KernelBound(_transposed_proved, _reshaped_measured),
    "OrthoConv2DTranspose": KernelBound(_orthogonal_proved),
    "SLLDense": _DENSE_BLOCK,
    "SLLConv2D": _CONVOLUTION_BLOCK,
    "CPLDense": _DENSE_BLOCK,
    "CPLConv2D": _CONVOLUTION_BLOCK,
    "OrthoRNN": KernelBound(_recurrence_proved, parts=("_kernel", "_recurrent")),
    "PReLUlip": KernelBound(_slopes, weight="alpha"),
}

# Layers whose constant is what their spec says whatever their weights are: a translation, the angles of
# reflections, a share between 0 and 1.
WEIGHT_FREE = frozenset({"BatchCentering", "LayerCentering", "Householder", "LipResidual"})
