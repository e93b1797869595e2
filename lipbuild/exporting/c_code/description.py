"""A program's network as its header describes it, and read back from that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.digests import array_digest
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.program import Program

_BROKEN = "what its header says of the network is not whole"


def described_network(program: Program) -> dict[str, Any]:
    """The operations of a program in order, with the shapes of their arrays, which stand in the code.

    Args:
        program: The program.
    """
    nodes = [
        {
            "name": node.name,
            "kind": node.kind,
            "inputs": list(node.inputs),
            "parameters": dict(node.parameters),
            "arrays": {key: list(array.shape) for key, array in node.arrays.items()},
        }
        for node in program.network.nodes
    ]
    # As it is read back: lists in place of tuples.
    found: dict[str, Any] = json.loads(json.dumps({"nodes": nodes, "output": program.network.output}))
    return found


def network_of(described: Any, arrays: Mapping[str, NDArray[np.floating[Any]]]) -> Network:
    """The network that a header describes, of the arrays that stand in the code.

    Args:
        described: The description.
        arrays: The constant arrays by their names.

    Raises:
        RefusedError: It is not whole, or an array is missing or has another size.
    """
    try:
        nodes = []
        for number, node in enumerate(described["nodes"]):
            own = {}
            for key, shape in node["arrays"].items():
                own[key] = arrays[f"{key}_{number}"].reshape([int(size) for size in shape])
            parameters = {key: _tuples(value) for key, value in node["parameters"].items()}
            inputs = tuple(str(name) for name in node["inputs"])
            nodes.append(NetworkNode(str(node["name"]), str(node["kind"]), inputs, parameters, own))
        return Network(tuple(nodes), str(described["output"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"{_BROKEN}: {error!r:.200}", "export it anew") from None


def digests_of(described: Mapping[str, Any], network: Network) -> dict[str, str]:
    """The digests of the operations and of the arrays."""
    operations = json.dumps(described, sort_keys=True, ensure_ascii=True).encode()
    weights = array_digest(*(array for node in network.nodes for array in node.arrays.values()))
    return {"graph": hashlib.sha256(operations).hexdigest(), "weights": weights}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
