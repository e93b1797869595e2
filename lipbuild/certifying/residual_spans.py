"""Residual blocks x − B σ(Wᵀx + b), found in the graph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import EXPLICIT_ORDER, convolution
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.residual_block import ResidualBlock, residual_constant
from lipbuild.certifying.span import NetworkSpan

Shape = tuple[int, ...]

# Functions whose slope is between 0 and 1 everywhere.
_MONOTONE = {
    "relu",
    "relu6",
    "hard_tanh",
    "tanh",
    "softplus",
    "sigmoid",
    "hard_sigmoid",
    "elu",
    "celu",
    "softsign",
}
# A block of this constant is bounded as well as any: x itself passes through it. B − W R² is rounding below this share.
_NEARLY_ONE, _NEARLY_TIED = 1.0 + 1e-6, 1e-4
_GEOMETRY = ("strides", "padding", "dilation_rate", "groups")


def residual_spans(network: Network, shapes: Mapping[str, Shape]) -> list[NetworkSpan]:
    """The constant of each residual block, from its two kernels; see `ResidualBlock`.

    A block is a difference x − B σ(Wᵀx + b) or a sum x + B σ(Wᵀx + b) whose W is the kernel of a dense layer or a
    convolution and whose B is that of another dense layer, or of the transposed convolution of the same geometry.

    Args:
        network: The network.
        shapes: The shape of each node.
    """
    spans = []
    for target, source, into, _, block in _blocks(network):
        shape = shapes[source]
        wrong = _norm(into, block.wrong, shape, enough=math.inf)
        # Below √2 the block does not expand, and an explicit matrix is not worth its time.
        span = _span(source, target, block, _norm(into, block.through, shape, math.sqrt(2.0)), wrong)
        if span.bound.upper > _NEARLY_ONE and into.kind == "convolution":
            through = _norm(into, block.through, shape, 0.0, EXPLICIT_ORDER)
            span = min(span, _span(source, target, block, through, wrong), key=lambda s: s.bound.upper)
        spans.append(span)
    return spans


def bounds_in_blocks(network: Network, shapes: Mapping[str, Shape]) -> dict[str, Bound]:
    """Bounds of the convolutions W and B of blocks with B = W R², without explicit matrices.

    1 + ‖W‖ ‖B‖ exceeds what the block is proved to have, whatever the two bounds are: ‖W‖ ‖B‖ >= ‖W R‖². Only rounding
    errors rest on them, which a hundredth more does not change.

    Args:
        network: The network.
        shapes: The shape of each node.
    """
    bounds: dict[str, Bound] = {}
    for _, source, into, back, block in _blocks(network):
        tied = np.linalg.norm(block.wrong) <= _NEARLY_TIED * np.linalg.norm(block.through)
        if into.kind == "convolution" and tied:
            for node in (into, back):
                bounds[node.name] = _norm(into, node.arrays["kernel"], shapes[source], 0.0)
    return bounds


def _blocks(network: Network) -> Iterator[tuple[str, str, NetworkNode, NetworkNode, ResidualBlock]]:
    """The target, the source, W's and B's node, and the block."""
    for node in network.nodes:
        if node.kind not in {"add", "subtract"} or len(node.inputs) != 2:
            continue
        # In a sum the branch may come first.
        orders = [node.inputs] if node.kind == "subtract" else [node.inputs, node.inputs[::-1]]
        found = (_block(network, node, source, branch) for source, branch in orders)
        into_back_block = next(filter(None, found), None)
        if into_back_block is not None:
            into, back, block = into_back_block
            yield node.name, into.inputs[0], into, back, block


def _block(
    network: Network, node: NetworkNode, source: str, branch: str
) -> tuple[NetworkNode, NetworkNode, ResidualBlock] | None:
    back = network.node(branch)
    if back.kind not in {"dense", "transposed_convolution"}:
        return None
    activation = network.node(back.inputs[0])
    if activation.kind != "activation" or not _is_monotone(activation):
        return None
    into = network.node(activation.inputs[0])
    if into.inputs != (source,):
        return None
    if (into.kind, back.kind) == ("dense", "dense"):
        written = back.arrays["kernel"].T
    elif (into.kind, back.kind) == ("convolution", "transposed_convolution"):
        if (
            any(into.parameters[key] != back.parameters[key] for key in _GEOMETRY)
            or into.parameters["groups"] != 1
        ):
            return None
        written = back.arrays["kernel"]
    else:
        return None
    if written.shape != into.arrays["kernel"].shape:
        return None
    sign = 1.0 if node.kind == "subtract" else -1.0
    block = ResidualBlock.of(into.arrays["kernel"], sign * written)
    return None if block is None else (into, back, block)


def _span(source: str, target: str, block: ResidualBlock, through: Bound, wrong: Bound) -> NetworkSpan:
    through, wrong = block.parts(through, wrong)
    upper = residual_constant(through.upper, wrong.upper)
    return NetworkSpan(
        source, target, Bound(upper, 0.0, "residual block"), {"through": through, "wrong": wrong}
    )


def _norm(
    into: NetworkNode, kernel: np.ndarray, shape: Shape, enough: float, explicit_order: int = 0
) -> Bound:
    if into.kind == "dense":
        return dense(kernel)
    p = into.parameters
    return convolution(
        kernel,
        shape[:-1],
        strides=p["strides"],
        padding=p["padding"],
        dilation_rate=p["dilation_rate"],
        explicit_order=explicit_order,
        enough=enough,
    )


def _is_monotone(activation: NetworkNode) -> bool:
    p = activation.parameters
    if p["function"] == "leaky_relu":
        return 0.0 <= float(p.get("slope", 0.2)) <= 1.0
    return p["function"] in _MONOTONE and 0.0 <= float(p.get("alpha", 1.0)) <= 1.0
