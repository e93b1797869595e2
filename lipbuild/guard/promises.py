"""What is proved of a trained network, held against what the layers of its config promise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.rounding import div_up, gamma, mul_up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.network import Network
from lipbuild.errors import RefusedError
from lipbuild.network import operations as ops
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.specs.kernels import ConstrainedSpec
from lipbuild.saved.keras_network import network_with

# How far a norm may be above its layer's promise, relative to it.
EXCESS = 1e-6
# What stands in for a size of the input that is left open.
_SIZE = 32
# The primitives with weights, each with what follows a layer's name in that of the plain layer that holds the first.
_KERNELS: dict[type[ops.Operation], str] = {
    ops.Dense: "",
    ops.Convolution: "",
    ops.TransposedConvolution: "",
    ops.PReLU: "",
    ops.PositionalOffset: "_bias",
    ops.ResidualContraction: "_into",
    ops.Householder: "_into",
    ops.Recurrence: "_kernel",
}

Weights = Mapping[str, NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class KernelNorm:
    """What is proved of the kernel of a layer, or of the kernels of a block.

    Attributes:
        layer: The layer's name.
        norm: A proved upper bound; NaN where a weight is not finite.
        allowed: What the layer promises: k, or k·√units for columns that are normalised one by one. Of a layer that
            holds single inputs both are of the norm that it holds.
    """

    layer: str
    norm: float
    allowed: float

    @property
    def passes(self) -> bool:
        """Whether the norm is at most k·(1 + 1e-6)."""
        return self.norm <= self.allowed * (1.0 + EXCESS)


def weights_of(model: keras.Model) -> dict[str, NDArray[np.floating[Any]]]:
    """The weights of a model by their paths."""
    return {weight.path: np.asarray(weight) for weight in model.weights}


def needed_weights(weights: Iterable[str]) -> list[str]:
    """The paths of the weights on which a constant rests: all but the biases.

    Args:
        weights: The paths of a plain model's weights.
    """
    return [path for path in weights if path.rpartition("/")[2] != "bias"]


def layers_with_kernels(graph: Graph, weights: Iterable[str]) -> dict[str, GraphNode]:
    """The layer of the config that each needed weight of its plain form is of.

    Args:
        graph: The graph of the config.
        weights: The paths of the plain model's weights.

    Returns:
        The nodes by the paths.

    Raises:
        RefusedError: A layer of the plain model is of none.
    """
    layers: dict[str, GraphNode] = {}
    for path in needed_weights(weights):
        name = path.split("/")[0]
        owners = [node for node in graph.nodes if name == node.name or name.startswith(f"{node.name}_")]
        if not owners:
            raise RefusedError(f"the plain network has a layer `{name}`, which is none of its config")
        layers[path] = max(owners, key=lambda node: len(node.name))
    return layers


def not_finite(graph: Graph, weights: Weights) -> tuple[KernelNorm, ...]:
    """The layers of which a kernel is not finite, so that nothing is known of its norm.

    Args:
        graph: The graph of the config.
        weights: The weights of the plain model by their paths.

    Raises:
        RefusedError: As `layers_with_kernels`.
    """
    layers = layers_with_kernels(graph, weights)
    broken = {node.name: node for path, node in layers.items() if not np.isfinite(weights[path]).all()}
    return tuple(KernelNorm(name, math.nan, _promised(node)) for name, node in broken.items())


def kernel_norms(graph: Graph, certified: CertifiedNetwork) -> tuple[KernelNorm, ...]:
    """The proved norm of each layer with a kernel, its activation left out.

    Of a layer that is several operations in its plain form, as a residual block or a recurrence, it is the constant of
    the whole.

    Args:
        graph: The graph of the config.
        certified: What is proved of its plain form.

    Raises:
        RefusedError: The plain form of a layer has no operation with its kernel.
    """
    norms = []
    for node in graph.nodes:
        primitive, *others = node.spec.lower(*node.input_shapes)
        if type(primitive) in _KERNELS:
            if node.spec.holds_columns and isinstance(primitive, ops.Dense):
                norms.append(_largest(node.name, primitive, certified))
                continue
            norm = _norm(node.name, primitive, certified)
            for other in others:
                if isinstance(other, ops.Scale):
                    norm = mul_up(norm, other.constant)
            norms.append(KernelNorm(node.name, norm, _promised(node)))
    return tuple(norms)


def norms_of_open_sizes(plain: keras.Model, graph: Graph, weights: Weights) -> tuple[KernelNorm, ...]:
    """The norms that kernels have on one size of input, of a network that leaves the size open.

    The norm for all sizes is at least that on one. So a norm above what its layer promises shows that the weights were
    changed, and one below it proves nothing.

    Args:
        plain: The plain form.
        graph: The graph of the config.
        weights: The weights of the plain form by their paths.

    Returns:
        The norms; none where the sizes are not open, or the network cannot be read with one in their place.
    """
    if None not in graph.input_shape:
        return ()
    try:
        return kernel_norms(graph, CertifiedNetwork.of(network_with(plain, weights, size=_SIZE)))
    except RefusedError:
        return ()


def check_promises(norms: Iterable[KernelNorm]) -> None:
    """Let weights through whose norms are what their layers promise.

    Raises:
        RefusedError: One is not.
    """
    for kernel in norms:
        if math.isnan(kernel.norm):
            raise RefusedError(f"the kernel of `{kernel.layer}` holds values that are not finite")
        if not kernel.passes:
            raise RefusedError(
                f"the kernel of `{kernel.layer}` has a norm of up to {kernel.norm:.9g}, and its layer promises "
                f"{kernel.allowed:.9g}",
                "its weights were changed after the training; train again",
            )


def _promised(node: GraphNode) -> float:
    """What the norm of a layer's kernel is held at, its activation left out."""
    spec = node.spec
    return spec.kernel_bound() if isinstance(spec, ConstrainedSpec) else spec.gain(node.input_shapes[0])


def _largest(name: str, primitive: ops.Dense, certified: CertifiedNetwork) -> KernelNorm:
    """The largest weight, or the largest sum of magnitudes of an output, of a layer that promises that."""
    kernel = np.abs(exact_float64(certified.network.node(name).arrays["kernel"]))
    if math.isfinite(primitive.entries):
        return KernelNorm(name, float(kernel.max()), primitive.entries)
    # Sums of terms that are not negative, in any order.
    return KernelNorm(name, mul_up(float(kernel.sum(axis=0).max()), 1.0 + gamma(len(kernel))), primitive.sums)


def _norm(name: str, primitive: ops.Operation, certified: CertifiedNetwork) -> float:
    """The constant of a primitive with weights: of one operation its own, of several that of the last over the first's.

    Other layers may have names that begin with this one's, so operations are found by the whole name.
    """
    operations = {operation.name: operation for operation in certified.network.nodes}
    first = operations.get(f"{name}{_KERNELS[type(primitive)]}")
    if first is None or not first.arrays.keys() & {"kernel", "slopes"}:
        raise RefusedError(f"the plain network has no layer with the kernel of `{name}`")
    if first.name == name or isinstance(primitive, ops.PositionalOffset):
        return certified.gains[first.name]
    before = certified.constants[first.inputs[0]]
    after = certified.constants[_last(name, primitive, certified.network)]
    return div_up(after, before) if before else after


def _last(name: str, primitive: ops.Operation, network: Network) -> str:
    """The operation that is the result of a primitive of several operations."""
    if not isinstance(primitive, ops.Recurrence):
        # What a block writes is added to what it reads.
        return next(operation.name for operation in network.nodes if f"{name}_back" in operation.inputs)
    if primitive.sequences:
        return name
    states = {f"{name}_state_{i}" for i in range(len(network.nodes))}
    return [operation.name for operation in network.nodes if operation.name in states][-1]
