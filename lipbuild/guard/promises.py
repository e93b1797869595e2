"""What is proved of a trained network, held against what the layers of its config promise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import div_up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.specs.kernels import ConstrainedSpec

# How far a norm may be above its layer's promise, relative to it.
EXCESS = 1e-6

Weights = Mapping[str, NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class KernelNorm:
    """What is proved of the kernel of a layer, or of the kernels of a block.

    Attributes:
        layer: The layer's name.
        norm: A proved upper bound; NaN where a weight is not finite.
        allowed: What the layer promises: k, or k·√units for columns that are normalised one by one.
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
    """
    operations = {operation.name: operation for operation in certified.network.nodes}
    names = {node.name for node in graph.nodes}
    norms = []
    for node in graph.nodes:
        # The plain form of a layer has its name, and that of one of several operations goes on with an underscore.
        parts = [part for part in (f"{node.name}_into", f"{node.name}_kernel") if part not in names]
        kernels = [operations[part] for part in (node.name, *parts) if _has_kernel(operations.get(part))]
        if kernels:
            norms.append(KernelNorm(node.name, _norm(node, kernels[0], certified), _promised(node)))
    return tuple(norms)


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


def _has_kernel(operation: NetworkNode | None) -> bool:
    return operation is not None and bool(operation.arrays.keys() & {"kernel", "slopes"})


def _promised(node: GraphNode) -> float:
    """What the norm of a layer's kernel is held at, its activation left out."""
    spec = node.spec
    return spec.kernel_bound() if isinstance(spec, ConstrainedSpec) else spec.gain(node.input_shapes[0])


def _norm(node: GraphNode, first: NetworkNode, certified: CertifiedNetwork) -> float:
    if isinstance(node.spec, ConstrainedSpec):
        return certified.gains[first.name]
    constants = certified.constants
    before, after = constants[first.inputs[0]], constants[_last(node.name, certified.network)]
    if before == 0.0:
        return after
    return div_up(after, before)


def _last(name: str, network: Network) -> str:
    """The operation that is the result of a layer of several operations."""
    names = [operation.name for operation in network.nodes]
    for result in (f"{name}_scale", name):
        if result in names:
            return result
    back = f"{name}_back"
    if back in names:
        # What a block writes is added to what it reads.
        return next(operation.name for operation in network.nodes if back in operation.inputs)
    # A recurrence ends in its last state.
    return next(state for state in reversed(names) if state.startswith(f"{name}_state_"))
