"""How far a program's outputs may be from the function that its arrays define."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.inference_error import Rounding, gamma_of
from lipbuild.certifying.bounds.rounding import up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.inference import propagate_error, static_reaches
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.guard.verified import as_model
from lipbuild.verifier.errors import RefusedError as UnknownError
from lipbuild.verifier.scaled import ScaledInput, scaled_input

_FAR = 2.0**60
# The least norm up to which something is certified: squares of less are not normal numbers, and the slope is beyond
# float32 that brings an error to 2^60 before.
_NEAR = 2.0**-60
# Above what the roundings of a bound itself can do.
_ROUNDED = 1.0 + 1e-9
# What is stated leaves as much again, for another processor whose libraries add in another order.
ROOM = 1e-9
# What two processors state is closer, a rounding to float32 included.
APART = 1e-6


@dataclass(frozen=True)
class ProgramError:
    """‖computed − exact‖₂ ≤ slope · ‖y‖₂ + offset wherever ‖y‖₂ is at most a norm.

    Attributes:
        slope: Per unit of the norm.
        offset: What does not depend on the norm.
        limit: That norm, a power of two: up to it nothing overflows.
        scaled: y, what scales of single inputs make of them in exact arithmetic; None where it is the inputs.
    """

    slope: float
    offset: float
    limit: float
    scaled: ScaledInput | None = None

    def at(self, norms: NDArray[np.float64]) -> NDArray[np.float64]:
        """The bound for inputs of these norms."""
        return self.slope * norms + self.offset

    def fits(self, stated: ProgramError) -> bool:
        """Whether a stated bound holds where this one is proved, and could be what another processor states."""
        lines = ((self.slope, stated.slope), (self.offset, stated.offset))
        return (
            all(own <= other <= own * (1.0 + APART) for own, other in lines)
            and self.limit / 2.0 <= stated.limit <= self.limit
        )

    def stated(self) -> ProgramError:
        """The same with the room that another processor needs to prove it again."""
        return replace(self, slope=self.slope * (1.0 + ROOM), offset=self.offset * (1.0 + ROOM))


def program_error(certified: CertifiedNetwork, arithmetic: Arithmetic) -> ProgramError:
    """The bound of `propagate_error` as an affine function of a norm, with what flushing to zero may take.

    It holds for sums in any order and for products that are fused with the sum that they go into. The bound is
    convex in the norm, as it is made of sums, products with constants and norms of what is affine in it. Where the
    inputs are scaled one by one first, as the columns of a table are, the norm is that of the results: else the largest
    column would make the bound of all others as large.

    Args:
        certified: The network as it is written, with its proved constants.
        arithmetic: What the program computes in.

    Raises:
        RefusedError: The rounding of an operation is not known, or there is no norm up to which nothing overflows.
    """
    scaled = _scaled(certified.network, arithmetic)
    bound = _bound(_behind(certified, scaled), arithmetic, scaled) if scaled is not None else None
    bound = bound or _bound(certified, arithmetic, None)
    if bound is None:
        raise RefusedError(
            f"no bound is known of the rounding of this network in {arithmetic.name}, or it overflows at any input",
            "its weights are too large or too small; `lipbuild evaluate` states radii in float64",
        )
    return bound


def _bound(
    certified: CertifiedNetwork, arithmetic: Arithmetic, scaled: ScaledInput | None
) -> ProgramError | None:
    """The bound by the norm of a network's input, which has been scaled or not; None where there is none."""

    def given(norms: NDArray[np.float64]) -> NDArray[np.float64]:
        assert scaled is not None
        return up(up(scaled.relative * norms) + scaled.offset)

    def errors(norms: NDArray[np.float64]) -> tuple[dict[str, Any], dict[str, Any]]:
        reaches = static_reaches(certified.network, certified.gains, certified.roundings, norms)
        found = propagate_error(
            *(certified.network, certified.gains, certified.roundings, arithmetic.unit),
            lambda name, _: reaches[name],
            given=given if scaled is not None else None,
        )
        return reaches, found

    def error(norm: float) -> float:
        return float(errors(np.array([norm]))[1][certified.network.output][0])

    if scaled is None and arithmetic.type == "float":
        limit = certified.range32
    else:
        norms = 2.0 ** np.arange(-126.0, 61.0)
        limit = _limit(certified, arithmetic, norms, *errors(norms))
    slope = error(_FAR) / _FAR * _ROUNDED
    offset = (error(0.0) + flushed(certified, arithmetic)) * _ROUNDED + arithmetic.smallest
    least = _NEAR if scaled is None else max(_NEAR, 4.0 * scaled.offset)
    if not math.isfinite(slope) or not math.isfinite(offset) or limit < least:
        return None
    return ProgramError(slope, offset, limit, scaled)


def _scaled(network: Network, arithmetic: Arithmetic) -> ScaledInput | None:
    """The last of the nodes that scale each input before anything else reads it; None where there is none."""
    name = network.nodes[0].name
    while len(readers := [node for node in network.nodes if name in node.inputs]) == 1:
        if readers[0].kind != "scale" or readers[0].name == network.output:
            break
        name = readers[0].name
    if name == network.nodes[0].name:
        return None
    try:
        return scaled_input(as_model(network), name, arithmetic.unit)
    except UnknownError:
        return None


def _behind(certified: CertifiedNetwork, scaled: ScaledInput) -> CertifiedNetwork:
    """The network that reads what the scales make."""
    network = certified.network
    kept = [node for node in network.nodes if node.name not in scaled.before]
    shape = {"shape": shapes_of(network)[scaled.node]}
    nodes = [NetworkNode(n.name, "input", (), shape) if n.name == scaled.node else n for n in kept]
    return CertifiedNetwork(Network(tuple(nodes), network.output), certified.gains, certified.constants)


def flushed(certified: CertifiedNetwork, arithmetic: Arithmetic) -> float:
    """What a processor may take from the outputs that takes numbers below the least normal one for 0.

    Each value of each operation may be off by so much, whether it is flushed where it is made or where it is read. An
    operation passes that on by at most its constant, and by its rounding.
    """
    network, shapes = certified.network, shapes_of(certified.network)
    behind = dict.fromkeys(shapes, 0.0)
    behind[network.output] = 1.0
    for node in reversed(network.nodes[1:]):
        gain = 1.0 + gamma_of(len(node.inputs) + 2, arithmetic.unit)
        if node.name in certified.gains:
            rounding = certified.roundings[node.name] or Rounding()
            gain = certified.gains[node.name] + rounding.magnitude * gamma_of(
                rounding.roundings + 1, arithmetic.unit
            )
        for name in node.inputs:
            behind[name] += gain * behind[node.name]
    total = sum(math.prod(shape) * behind[name] for name, shape in shapes.items())
    return total * arithmetic.smallest * 4.0


def _limit(
    certified: CertifiedNetwork,
    arithmetic: Arithmetic,
    norms: NDArray[np.float64],
    reaches: Mapping[str, Any],
    errors: Mapping[str, Any],
) -> float:
    """The largest norm of an input at which no sum may come above `largest`; 0 if there is none."""
    greatest = norms.copy()
    for node in certified.network.nodes[1:]:
        rounding = certified.roundings.get(node.name) or Rounding()
        for name in node.inputs:
            greatest = np.fmax(greatest, np.nan_to_num(rounding.magnitude * reaches[name], nan=np.inf))
        greatest = np.maximum(greatest, rounding.offset)
        greatest = np.maximum(greatest, np.nan_to_num(errors[node.name], nan=np.inf))
    within = norms[greatest <= arithmetic.largest]
    return float(within[-1]) if len(within) else 0.0
