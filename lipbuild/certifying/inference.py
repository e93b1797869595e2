"""The network in float64, and how far floating point may be from the real function."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32, Rounding, error_up, gamma_of
from lipbuild.certifying.bounds.rounding import UNDERFLOW, up
from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.operations import OPERATIONS

Array = NDArray[np.float64]

# An upper bound of the norm of the true value of a node, from its name and its error.
Reach = Callable[[str, Array], Array]

_BATCH = 256
# What a product that is flushed to zero may lose in float32; in float64 it is `UNDERFLOW`. TensorFlow takes numbers
# below it for 0.
_UNDERFLOW_32 = 2.0**-126
# What another program may count for an operation's underflow in float64, in its own way.
TINY = 2.0**-880
# Merges that choose or join values, without a rounding.
_UNROUNDED = frozenset({"maximum", "minimum", "concatenate"})
_SUMS = frozenset({"add", "subtract", "average"})


def batches(count: int) -> list[slice]:
    """The slices in which samples are computed, so that the values of every node fit into memory."""
    return [slice(start, start + _BATCH) for start in range(0, count, _BATCH)]


def node_values(network: Network, inputs: Array) -> dict[str, Array]:
    """The value of every node in float64, for a batch of inputs of the right shape."""
    values = {network.nodes[0].name: inputs}
    for node in network.nodes[1:]:
        values[node.name] = OPERATIONS[node.kind].forward(node, [values[name] for name in node.inputs])
    return values


def checked_inputs(network: Network, inputs: ArrayLike) -> NDArray[np.generic]:
    """Inputs that have the shape which the network takes.

    Raises:
        ValueError: If they have another one.
    """
    x = np.asarray(inputs)
    shape = shapes_of(network)[network.nodes[0].name]
    if x.shape[1:] != shape:
        raise ValueError(f"inputs of shape {x.shape[1:]}; the network takes {shape}")
    return x


def forward(network: Network, inputs: ArrayLike) -> Array:
    """The network's output in float64.

    Args:
        network: The network.
        inputs: (samples, *input shape).

    Returns:
        (samples, *output shape).

    Raises:
        RefusedError: If the network is.
        ValueError: If the inputs have another shape.
    """
    x = checked_inputs(network, inputs)
    parts = [node_values(network, x[part].astype(np.float64))[network.output] for part in batches(len(x))]
    return np.concatenate(parts) if parts else np.zeros((0, *shapes_of(network)[network.output]))


def inference_error(network: Network, gains: Mapping[str, float], input_norm: float, unit: float) -> float:
    """An upper bound of ‖computed output − real output‖₂ for every input of at most the given norm.

    Args:
        network: The network.
        gains: An upper bound of the constant of each operation on one input.
        input_norm: The largest L2 norm of an input, perturbation included.
        unit: The unit roundoff of the arithmetic, 2^-24 or 2^-53.

    Returns:
        The bound; infinite where an operation's rounding is not known.

    Raises:
        RefusedError: If the network is.
    """
    roundings = roundings_of(network)
    reaches = static_reaches(network, gains, roundings, np.array([input_norm], np.float64))
    errors = propagate_error(network, gains, roundings, unit, lambda name, _: reaches[name])
    return float(errors[network.output][0])


def roundings_of(network: Network) -> dict[str, Rounding | None]:
    """How each operation on one input rounds; None where that is not known.

    Nor is it known in float32 what becomes of weights that float32 arithmetic may take for 0.
    """
    shapes = shapes_of(network)
    roundings: dict[str, Rounding | None] = {}
    for node in network.nodes[1:]:
        if OPERATIONS[node.kind].unary:
            rounding = OPERATIONS[node.kind].rounding(node, [shapes[name] for name in node.inputs])
            if rounding is not None and has_subnormals(node):
                rounding = replace(rounding, library=True)
            roundings[node.name] = rounding
    return roundings


def has_subnormals(node: NetworkNode) -> bool:
    """Whether a weight or an option is not 0 and below the least normal float32."""
    numbers = [*node.arrays.values(), *(v for v in node.parameters.values() if isinstance(v, float))]
    sizes = [np.abs(np.asarray(number, np.float64)) for number in numbers]
    return any(bool(np.any((size > 0.0) & (size < _UNDERFLOW_32))) for size in sizes)


def static_reaches(
    network: Network, gains: Mapping[str, float], roundings: Mapping[str, Rounding | None], norms: Array
) -> dict[str, Array]:
    """An upper bound of the norm of every node's true value, from those of the inputs alone."""
    reaches = {network.nodes[0].name: norms}
    for node in network.nodes[1:]:
        before = [reaches[name] for name in node.inputs]
        if OPERATIONS[node.kind].unary:
            rounding = roundings[node.name]
            if rounding is None:
                reaches[node.name] = np.full_like(norms, np.inf)
            else:
                reaches[node.name] = up(_product_up(gains[node.name], before[0]) + rounding.offset)
        elif node.kind in _SUMS:
            total = _sum_up(before)
            reaches[node.name] = up(total / len(before)) if node.kind == "average" else total
        else:
            reaches[node.name] = _joined_up(before)
    return reaches


def propagate_error(
    network: Network,
    gains: Mapping[str, float],
    roundings: Mapping[str, Rounding | None],
    unit: float,
    reach: Reach,
    *,
    homogeneous: bool = False,
    given: Callable[[Array], Array] | None = None,
) -> dict[str, Array]:
    """An upper bound of ‖computed − real‖₂ of every node, for each of a number of inputs.

    Along chains that of `error_up`, at sums that of their terms; in float32 the input is rounded first. It is an
    affine function of the reaches, and with `homogeneous` its linear part alone.

    Args:
        network: The network.
        gains: An upper bound of the constant of each operation on one input.
        roundings: How each of them rounds; see `roundings_of`.
        unit: The unit roundoff of the arithmetic, 2^-24 or 2^-53.
        reach: R, asked of each node after those that it reads.
        homogeneous: Whether biases and underflow are left out.
        given: An upper bound, from its reach, of the error that the input has already; None where it is what is given.

    Returns:
        The bounds by the names of the nodes; infinite where an operation's rounding is not known.
    """
    shapes = shapes_of(network)
    smallest = _UNDERFLOW_32 if unit == UNIT_ROUNDOFF_32 else UNDERFLOW
    tiny = 0.0 if homogeneous else TINY
    first = network.nodes[0].name
    errors = {first: np.zeros_like(reach(first, np.zeros(1)))}
    reaches = {first: reach(first, errors[first])}
    if given is not None:
        errors[first] = given(reaches[first])
    elif unit == UNIT_ROUNDOFF_32:
        # What is given is rounded to float32, to 0 where it is tiny.
        lost = 0.0 if homogeneous else math.prod(shapes[first]) * smallest
        errors[first] = up(up(unit * reaches[first]) + lost)
    for node in network.nodes[1:]:
        before = [errors[name] for name in node.inputs]
        if OPERATIONS[node.kind].unary:
            rounding = roundings[node.name]
            if rounding is not None and homogeneous:
                rounding = replace(rounding, offset=0.0, outputs=0)
            error = (
                _error_up(before[0], reaches[node.inputs[0]], gains[node.name], rounding, unit)
                if rounding is not None
                else np.full_like(before[0], np.inf)
            )
            if rounding is None or rounding.roundings > 0:
                error = up(error + tiny)
        elif node.kind in _SUMS:
            total, carried = _sum_up([reaches[name] for name in node.inputs]), _sum_up(before)
            # Sums of so few numbers, and a division.
            fresh = up(gamma_of(len(before) + 2, unit) * up(total + carried))
            error = up(carried + fresh)
            if node.kind == "average":
                error = up(error / len(before))
            error = up(error + (0.0 if homogeneous else 4.0 * smallest * math.prod(shapes[node.name])) + tiny)
        elif node.kind in _UNROUNDED:
            error = _joined_up(before)
        else:
            error = np.full_like(before[0], np.inf)
        errors[node.name] = error
        reaches[node.name] = reach(node.name, error)
    return errors


def _error_up(previous: Array, reach: Array, gain: float, rounding: Rounding, unit: float) -> Array:
    """The error after an operation for each of many inputs; see `error_up`.

    That is an affine function of the error before and of the reach, so that what it is at three points bounds
    it at every convex combination of them.
    """
    infinite = np.isinf(previous) | np.isinf(reach)
    most = 2.0 * float(np.max(previous[~infinite], initial=0.0))
    furthest = 2.0 * float(np.max(reach[~infinite], initial=0.0))
    origin = error_up(0.0, 0.0, gain, rounding, unit)
    ends = [error_up(most, 0.0, gain, rounding, unit), error_up(0.0, furthest, gain, rounding, unit)]
    if not all(map(math.isfinite, [origin, *ends])):
        return np.full_like(previous, np.inf)
    result = np.full_like(previous, origin)
    for values, whole, end in zip((previous, reach), (most, furthest), ends, strict=True):
        if whole > 0.0:
            result = up(result + up(up(values / whole) * max(end - origin, 0.0) * (1.0 + 2.0**-50)))
    return np.where(infinite, np.inf, result)


def _product_up(gain: float, values: Array) -> Array:
    """Products rounded up; infinite where a factor is, whatever the other."""
    with np.errstate(invalid="ignore", over="ignore"):
        product = up(gain * values)
    return np.where(np.isnan(product), np.inf, product)


def _sum_up(terms: list[Array]) -> Array:
    total = terms[0]
    for term in terms[1:]:
        total = up(total + term)
    return total


def _joined_up(parts: list[Array]) -> Array:
    squares = _sum_up([up(part * part) for part in parts])
    return up(np.sqrt(squares)) if len(parts) > 1 else parts[0]
