"""The network in float64, and how far floating point may be from the real function."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certify.bounds.inference_error import Rounding, error_up, gamma_of, reach_up
from lipbuild.certify.bounds.rounding import add_up, div_up, mul_up, norm_up, sum_up
from lipbuild.certify.composition import shapes_of
from lipbuild.certify.network import Network
from lipbuild.certify.operations import OPERATIONS

_BATCH = 256


def forward(network: Network, inputs: ArrayLike) -> NDArray[np.float64]:
    """The network's output in float64.

    Args:
        network: the network.
        inputs: (samples, *input shape).

    Returns:
        (samples, *output shape).

    Raises:
        RefusedError: if the network is.
        ValueError: if the inputs have another shape.
    """
    shapes = shapes_of(network)
    x = np.asarray(inputs)
    first = network.nodes[0].name
    if x.shape[1:] != shapes[first]:
        raise ValueError(f"inputs of shape {x.shape[1:]}; the network takes {shapes[first]}")
    parts = []
    for start in range(0, x.shape[0], _BATCH):
        values = {first: x[start : start + _BATCH].astype(np.float64)}
        for node in network.nodes[1:]:
            values[node.name] = OPERATIONS[node.kind].forward(node, [values[name] for name in node.inputs])
        parts.append(values[network.output])
    if not parts:
        return np.zeros((0, *shapes[network.output]))
    return np.concatenate(parts)


def inference_error(network: Network, gains: Mapping[str, float], input_norm: float, unit: float) -> float:
    """An upper bound of ‖computed output − real output‖₂ for every input of at most the given norm.

    Args:
        network: the network.
        gains: an upper bound of the constant of each operation on one input.
        input_norm: the largest L2 norm of an input, perturbation included.
        unit: the unit roundoff of the arithmetic, 2^-24 or 2^-53.

    Returns:
        The bound; infinite where an operation's rounding is not known.

    Raises:
        RefusedError: if the network is.
    """
    shapes = shapes_of(network)
    first = network.nodes[0].name
    reach, error = {first: input_norm}, {first: 0.0}
    for node in network.nodes[1:]:
        before = [(reach[name], error[name]) for name in node.inputs]
        reaches, errors = [r for r, _ in before], [e for _, e in before]
        if OPERATIONS[node.kind].unary:
            rounding = OPERATIONS[node.kind].rounding(node, [shapes[name] for name in node.inputs])
            if rounding is None or math.isinf(errors[0]) or math.isinf(reaches[0]):
                reach[node.name], error[node.name] = math.inf, math.inf
                continue
            gain = gains[node.name]
            reach[node.name] = reach_up(reaches[0], gain, rounding)
            error[node.name] = error_up(errors[0], reaches[0], gain, rounding, unit)
        elif node.kind in {"add", "subtract", "average"}:
            divisor = float(len(before)) if node.kind == "average" else 1.0
            total, carried = sum_up(reaches), sum_up(errors)
            # Sums of so few numbers, and a division.
            fresh = mul_up(gamma_of(len(before) + 2, unit), add_up(total, carried))
            underflow = error_up(0.0, 0.0, 1.0, Rounding(1, 0.0, 0.0, math.prod(shapes[node.name])), unit)
            reach[node.name] = div_up(total, divisor)
            error[node.name] = add_up(div_up(add_up(carried, fresh), divisor), underflow)
        else:  # chosen or joined, without a rounding
            reach[node.name], error[node.name] = norm_up(reaches), norm_up(errors)
    return error[network.output]
