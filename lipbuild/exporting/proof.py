"""What is proved of a plain network from a given set of weights."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.composition import compose
from lipbuild.certifying.composition import prove as prove_operations
from lipbuild.certifying.network import Network
from lipbuild.errors import RefusedError
from lipbuild.evaluation.kernel_bounds import KERNEL_BOUNDS
from lipbuild.evaluation.trained_bounds import EXCESS
from lipbuild.evaluation.trained_bounds import prove as prove_graph
from lipbuild.exporting.gate import KernelNorm, norms_of
from lipbuild.network.graph import Graph
from lipbuild.saved.keras_config import network_of

Weights = Mapping[str, NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Proof:
    """The constant of a network with given weights.

    Attributes:
        bound: The proved Lipschitz constant (L2) of its outputs.
        norms: The norms of its kernels.
        graph: The graph of its config, with the constant of each node proved from the weights.
        network: The network as certificates see it; None where it has an operation that they do not know.
        gains: The proved constant of each operation of `network` on one input.
        unread: Why there is no `network`.
    """

    bound: float
    norms: tuple[KernelNorm, ...]
    graph: Graph
    network: Network | None
    gains: Mapping[str, float]
    unread: str = ""


def needed_weights(graph: Graph) -> dict[str, str]:
    """The weights on which the constant rests: the layer of the plain model, and the path of its weight."""
    return {
        name: f"{name}/{KERNEL_BOUNDS[node.kind].weight}"
        for node in graph.nodes
        if node.kind in KERNEL_BOUNDS
        for name in KERNEL_BOUNDS[node.kind].names(node)
    }


def prove(plain: keras.Model, graph: Graph, weights: Weights, *, rounded: bool = False) -> Proof:
    """Prove the constant of a network twice, over the graph of its config and over the plain model's operations.

    Both are upper bounds, and the lesser one is stated.

    Args:
        plain: The plain model, whose structure is taken.
        graph: The graph of the config.
        weights: The weights by their paths.
        rounded: Whether they were kept in fewer bits, and may exceed what their layers promise.

    Raises:
        RefusedError: A kernel is not finite, or exceeds what its layer promises.
    """
    kernels = {layer: weights[path] for layer, path in needed_weights(graph).items()}
    proved = prove_graph(graph, kernels, excess=math.inf if rounded else EXCESS)
    norms = tuple(norms_of(graph, kernels))
    try:
        # What a file's kernels are times a factor of the network is no float32 number.
        types = ("float32", "float64")
        network = network_of(json.loads(plain.to_json()), _by_layer(plain, weights), weight_types=types)
        gains = {name: bound.upper for name, bound in prove_operations(network).items()}
        whole = compose(network, gains)[network.output]
    except (RefusedError, KeyError) as error:
        return Proof(proved.bound, norms, proved, None, {}, str(error))
    return Proof(min(proved.bound, whole), norms, proved, network, gains)


def _by_layer(plain: keras.Model, weights: Weights) -> dict[str, list[NDArray[np.floating[Any]]]]:
    return {layer.name: [weights[w.path] for w in layer.weights] for layer in plain.layers}
