"""What the operations with a kernel share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.rounding import mul_up, sqrt_up
from lipbuild.certifying.bounds.witness import euclidean_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array
from lipbuild.errors import RefusedError


def check_bias(node: Node, outputs: int) -> None:
    """Refuse a bias that does not fit."""
    if "bias" in node.arrays and node.arrays["bias"].shape != (outputs,):
        raise RefusedError(f"`{node.name}` has a bias of shape {node.arrays['bias'].shape}")


def offset_norm(node: Node, positions: int) -> float:
    """An upper bound of the norm of the bias at all positions."""
    bias = node.arrays.get("bias")
    return mul_up(euclidean_up(exact_float64(bias)), sqrt_up(float(positions))) if bias is not None else 0.0


def with_bias(node: Node, result: Array) -> Array:
    """The result with the bias, if there is one."""
    bias = node.arrays.get("bias")
    return result if bias is None else result + exact_float64(bias)


def without_bias(node: Node, *, magnitudes: bool = False) -> Node:
    """The node with its kernel, or the kernel's magnitudes, alone."""
    kernel = node.arrays["kernel"]
    return replace(node, arrays={"kernel": np.abs(kernel) if magnitudes else kernel})
