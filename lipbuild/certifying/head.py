"""What turns logits into radii: the last linear layer by itself, and the constant of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import sqrt_up
from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.network import Network
from lipbuild.certifying.radii import pairwise_distances
from lipbuild.errors import RefusedError


@dataclass(frozen=True)
class Head:
    """z_i − z_j moves by at most distances[i, j] · rest · ‖Δx‖.

    Args:
        distances: (classes, classes), or (1, 1) with a 1 for a single output.
        rest: The constant that multiplies them.
    """

    distances: NDArray[np.float64]
    rest: float


def head_of(network: Network, constants: Mapping[str, float]) -> Head:
    """The head of a network: pairwise where it ends in a dense layer, √2 times the whole constant otherwise.

    Args:
        network: The network, with a vector as its output.
        constants: The constant of each node with respect to the input.

    Raises:
        RefusedError: If the output is not a vector.
    """
    distances, source = head_distances(network)
    return Head(distances, constants[source])


def head_distances(network: Network) -> tuple[NDArray[np.float64], str]:
    """How much further a difference of outputs moves at most than the values of a node do (L2), and that node.

    Args:
        network: The network, with a vector as its output.

    Returns:
        The `distances` of its head, and the name of what the last dense layer reads; of a network that ends otherwise,
        or has one output, its last node.

    Raises:
        RefusedError: If the output is not a vector.
    """
    shape = shapes_of(network)[network.output]
    if len(shape) != 1:
        raise RefusedError(f"the output has the shape {shape}; radii need a vector of logits")
    last = network.node(network.output)
    if shape[0] == 1:
        return np.ones((1, 1)), last.name
    if last.kind == "dense":
        return pairwise_distances(last.arrays["kernel"]), last.inputs[0]
    return sqrt_up(2.0) * (1.0 - np.eye(shape[0])), last.name
