"""Residual blocks x − B σ(Wᵀx + b), found in the graph."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.convolution import convolution
from lipbuild.certify.bounds.dense import dense
from lipbuild.certify.network import Network, Node
from lipbuild.certify.operations.kernels import kernel_error
from lipbuild.certify.residual_block import ResidualBlock, residual_constant
from lipbuild.certify.span import Span

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
_GEOMETRY = ("strides", "padding", "dilation_rate", "groups")


def residual_spans(network: Network, shapes: Mapping[str, Shape]) -> list[Span]:
    """The constant of each residual block, from its two kernels; see `ResidualBlock`.

    A block is a difference x − B σ(Wᵀx + b) or a sum x + B σ(Wᵀx + b) whose W is the kernel of a dense layer or a
    convolution and whose B is that of another dense layer, or of the transposed convolution of the same geometry.

    Args:
        network: the network.
        shapes: the shape of each node.
    """
    spans = []
    for node in network.nodes:
        if node.kind not in {"add", "subtract"} or len(node.inputs) != 2:
            continue
        # In a sum the branch may come first.
        orders = [node.inputs] if node.kind == "subtract" else [node.inputs, node.inputs[::-1]]
        for source, branch in orders:
            span = _block(network, shapes, node, source, branch)
            if span is not None:
                spans.append(span)
                break
    return spans


def _block(
    network: Network, shapes: Mapping[str, Shape], node: Node, source: str, branch: str
) -> Span | None:
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
    block = ResidualBlock.of(into.arrays["kernel"], sign * written, kernel_error(into), kernel_error(back))
    if block is None:
        return None
    through = _norm(into, block.through, shapes[source], enough=math.sqrt(2.0))
    wrong = _norm(into, block.wrong, shapes[source], enough=math.inf)
    through, wrong = block.parts(through, wrong)
    upper = residual_constant(through.upper, wrong.upper)
    return Span(source, node.name, Bound(upper, 0.0, "residual block"), {"through": through, "wrong": wrong})


def _norm(into: Node, kernel: np.ndarray, shape: Shape, enough: float) -> Bound:
    if into.kind == "dense":
        return dense(kernel)
    p = into.parameters
    return convolution(
        kernel,
        shape[:-1],
        strides=p["strides"],
        padding=p["padding"],
        dilation_rate=p["dilation_rate"],
        enough=enough,
    )


def _is_monotone(activation: Node) -> bool:
    p = activation.parameters
    if p["function"] == "leaky_relu":
        return 0.0 <= float(p.get("slope", 0.2)) <= 1.0
    return p["function"] in _MONOTONE and 0.0 <= float(p.get("alpha", 1.0)) <= 1.0
