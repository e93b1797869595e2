"""The constants of trained weights, proved, composed over the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.bounds.convolution import convolution
from lipbuild.certify.bounds.dense import dense
from lipbuild.errors import RefusedError
from lipbuild.spec.activations import CONSTANTS
from lipbuild.spec.graph import INPUT, Graph, GraphNode
from lipbuild.spec.layers.constrained import ConstrainedSpec
from lipbuild.spec.layers.spectral_conv2d import SpectralConv2D
from lipbuild.spec.layers.spectral_dense import SpectralDense
from lipbuild.spec.rounding import mul_up, root_up


def prove(graph: Graph, kernels: Mapping[str, NDArray[np.float32]]) -> Graph:
    """The graph with the gains and bounds that its trained kernels really have, each a proved upper bound.

    Args:
        graph: The graph of the config.
        kernels: The kernel that each constrained layer applies, its coefficient multiplied in.

    Raises:
        RefusedError: A kernel is not finite, or exceeds what its layer promises.
    """
    bounds = {INPUT: 1.0}
    nodes = []
    for node in graph.nodes:
        before = [bounds[name] for name in node.inputs]
        gain = node.gain
        if isinstance(node.spec, ConstrainedSpec):
            gain = _gain(node, kernels[node.name])
            bound = mul_up(gain, before[0])
        else:
            bound = node.spec.merged_bound(node.input_shapes, before)
        bounds[node.name] = bound
        nodes.append(replace(node, gain=gain, bound=bound))
    return replace(graph, nodes=tuple(nodes))


def _gain(node: GraphNode, kernel: NDArray[np.float32]) -> float:
    spec = node.spec
    assert isinstance(spec, ConstrainedSpec)
    if not np.isfinite(kernel).all():
        raise RefusedError(f"the kernel of `{node.name}` holds values that are not finite")
    norm = _norm(node, kernel)
    if norm > (spec.k_coef_lip or 1.0) * (1.0 + 1e-6):
        raise RefusedError(
            f"the kernel of `{node.name}` has a norm of up to {norm:.9g}, and its layer promises {spec.k_coef_lip:.9g}",
            "its weights were changed after the training; train again",
        )
    constant = CONSTANTS[spec.activation] if spec.activation is not None else 1.0
    assert constant is not None
    return mul_up(norm, constant)


def _norm(node: GraphNode, kernel: NDArray[np.float32]) -> float:
    spec = node.spec
    if isinstance(spec, SpectralDense):
        return dense(kernel).upper
    if isinstance(spec, SpectralConv2D):
        windows = -(-spec.kernel_size[0] // spec.strides[0]) * -(-spec.kernel_size[1] // spec.strides[1])
        reshaped = mul_up(root_up(windows), dense(kernel.reshape(-1, kernel.shape[-1])).upper)
        height, width, _ = node.input_shapes[0]
        if height is None or width is None:
            return reshaped
        exact = convolution(kernel, (height, width), strides=spec.strides, padding=spec.padding).upper
        return min(reshaped, exact)
    raise AssertionError(f"{node.kind} has no proved bound")
