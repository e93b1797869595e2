"""From the network that is certified to the one whose arrays stand in C."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.steps import STEPS
from lipbuild.exporting.c_code.steps.elements import laid_out

# Whose arrays are broadcast to what they apply to.
_BROADCAST = frozenset({"scale", "p_relu"})


def lowered(network: Network, arithmetic: Arithmetic) -> Network:
    """The network as it is written in C: what its output rests on, each array in numbers that the program holds.

    A factor that is computed, as that of a batch normalisation, is a number here, so nothing is left to a library. What
    is below the least normal number is 0, for a processor may take it for that. The function of the arrays in exact
    arithmetic is what the radius of the program is about; where an array is rounded it is another than that of
    the trained weights, and its constant is proved anew.

    Args:
        network: The network that is certified.
        arithmetic: What the program computes in.

    Raises:
        RefusedError: It has operations that C computes with other functions than a root; the message names them.
    """
    nodes = _needed(network)
    refused = [f"`{node.name}` is {why}" for node in nodes[1:] if (why := _refusal(node)) is not None]
    if refused:
        raise RefusedError(
            f"this network cannot be written in C: {'; '.join(refused)}",
            "use layers of sums, products, comparisons and roots, or another format",
        )
    shapes = shapes_of(network)
    made = [nodes[0]]
    for node in nodes[1:]:
        arrays = {key: _numbers(node, key, array, arithmetic) for key, array in node.arrays.items()}
        parameters = {key: value for key, value in node.parameters.items() if key != "factor_error"}
        node = replace(node, arrays=arrays, parameters=parameters)
        _check_options(node, arithmetic)
        made.append(laid_out(node, shapes[node.inputs[0]]) if node.kind in _BROADCAST else node)
    return Network(tuple(made), network.output)


def same_arrays(one: Network, other: Network) -> bool:
    """Whether two networks of the same nodes have the same numbers, in whatever shape they are broadcast from."""
    by_name = {node.name: node for node in other.nodes}
    for node in one.nodes:
        if "factor_error" in node.parameters or "factor_error" in by_name[node.name].parameters:
            return False
        for key, array in node.arrays.items():
            values, others = (np.asarray(a, np.float64) for a in (array, by_name[node.name].arrays[key]))
            shape = np.broadcast_shapes(values.shape, others.shape)
            if not np.array_equal(np.broadcast_to(values, shape), np.broadcast_to(others, shape)):
                return False
    return True


def _needed(network: Network) -> list[NetworkNode]:
    """The nodes that the output rests on, and the input."""
    needed = {network.output, network.nodes[0].name}
    for node in reversed(network.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    return [node for node in network.nodes if node.name in needed]


def _refusal(node: NetworkNode) -> str | None:
    step = STEPS.get(node.kind)
    return f"a `{node.kind}`, which needs other functions than a root" if step is None else step.refusal(node)


def _numbers(
    node: NetworkNode, key: str, array: NDArray[Any], arithmetic: Arithmetic
) -> NDArray[np.floating[Any]]:
    """An array in the numbers of the program, or in float32 where these are enough."""
    with np.errstate(over="ignore"):
        values = array if array.dtype == np.float32 else np.asarray(array, arithmetic.dtype)
    if not np.isfinite(values).all():
        raise RefusedError(f"`{node.name}`: its {key} is beyond {arithmetic.name}")
    return np.where(np.abs(values) < arithmetic.smallest, values.dtype.type(0), values)


def _check_options(node: NetworkNode, arithmetic: Arithmetic) -> None:
    for key, value in node.parameters.items():
        if isinstance(value, float) and not arithmetic.holds(np.asarray(value)):
            raise RefusedError(f"`{node.name}`: its {key} {value!r} is no normal number of {arithmetic.name}")
