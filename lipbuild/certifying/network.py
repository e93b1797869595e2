"""A trained network as certificates see it: no Keras, only names, numbers and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class NetworkNode:
    """One operation.

    Args:
        name: Unique in its network.
        kind: What it computes: a key of `lipbuild.certifying.operations.OPERATIONS`.
        inputs: The names of the nodes it reads, in order.
        parameters: What the operation needs besides weights.
        arrays: Weights as they are applied, float32 or float64.
    """

    name: str
    kind: str
    inputs: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """Nodes, each after what it reads; the first is the input, and `output` names the result."""

    nodes: tuple[NetworkNode, ...]
    output: str

    def node(self, name: str) -> NetworkNode:
        """The node of that name.

        Raises:
            KeyError: If there is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)
