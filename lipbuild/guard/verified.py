"""Networks as the prover knows them, and models as the verifier does: the same operations by other names of options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.verifier.building import Building
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Node

_DILATION, _VERIFIED_DILATION = "dilation_rate", "dilation"
_PAIRS = {"size": 2, "pairing": "halves"}


def as_network(model: Model) -> Network:
    """What the verifier has read, for the prover."""
    return Network(
        tuple(
            NetworkNode(node.name, node.kind, node.inputs, _parameters(node), node.arrays)
            for node in model.nodes.values()
        ),
        model.output,
    )


def as_model(network: Network) -> Model:
    """What the prover has read, for the verifier.

    Raises:
        lipbuild.verifier.errors.RefusedError: It knows no such operation.
    """
    building = Building()
    for node in network.nodes:
        options = {
            _VERIFIED_DILATION if key == _DILATION else key: value
            for key, value in node.parameters.items()
            if node.kind != "group_sort"
        }
        arrays = {name: array.astype("float64") for name, array in node.arrays.items()}
        building.add(Node(node.name, node.kind, node.inputs, options, arrays))
    return building.model(network.output)


def _parameters(node: Node) -> Mapping[str, Any]:
    if node.kind == "group_sort":
        return _PAIRS
    return {_DILATION if key == _VERIFIED_DILATION else key: value for key, value in node.options.items()}
