"""What is proved of a plain network from a given set of weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError
from lipbuild.guard.promises import KernelNorm, Weights, check_promises, kernel_norms, not_finite
from lipbuild.network.graph import Graph
from lipbuild.saved.keras_network import network_with


@dataclass(frozen=True)
class Proof:
    """The constant of a network with given weights.

    Attributes:
        bound: The proved Lipschitz constant (L2) of its outputs; infinite where nothing is proved.
        norms: The norms of its kernels.
        certified: What is proved of it; None if certificates do not know such a network.
        unread: Why nothing is.
    """

    bound: float
    norms: tuple[KernelNorm, ...]
    certified: CertifiedNetwork | None
    unread: str = ""


def prove(plain: keras.Model, graph: Graph, weights: Weights) -> Proof:
    """Prove the constant of a network from its weights.

    Args:
        plain: The plain model, whose structure is taken.
        graph: The graph of the config.
        weights: The weights by their paths.

    Raises:
        RefusedError: A kernel is not finite.
    """
    check_promises(not_finite(graph, weights))
    try:
        certified = CertifiedNetwork.of(network_with(plain, weights))
    except RefusedError as error:
        return Proof(math.inf, (), None, error.message)
    return Proof(certified.lipschitz, kernel_norms(graph, certified), certified)
