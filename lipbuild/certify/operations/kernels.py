"""What the operations with a kernel share.

A kernel that is computed from other weights is known up to `kernel_error`: an upper bound of the norm of the
difference between the map with the true kernel and the one with the kernel that is stored in the node.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.inference_error import Rounding
from lipbuild.certify.bounds.rounding import add_up, div_up, mul_up, sqrt_up, sub_down
from lipbuild.certify.bounds.witness import euclidean_up
from lipbuild.certify.network import Node
from lipbuild.certify.operations.operation import Array
from lipbuild.errors import RefusedError


def kernel_error(node: Node) -> float:
    """How far the map may be from the one with the stored kernel; 0 where the kernel is a weight itself."""
    return float(node.parameters.get("kernel_error", 0.0))


def check_bias(node: Node, outputs: int) -> None:
    """Refuse a bias that does not fit."""
    if "bias" in node.arrays and node.arrays["bias"].shape != (outputs,):
        raise RefusedError(f"`{node.name}` has a bias of shape {node.arrays['bias'].shape}")


def with_kernel_error(node: Node, bound: Bound) -> Bound:
    """The bound of the stored kernel's map widened to that of the true one."""
    error = kernel_error(node)
    if error == 0.0:
        return bound
    lower, upper = max(sub_down(bound.lower, error), 0.0), add_up(bound.upper, error)
    # Another program computes another kernel and error, each as far off as this one.
    room = add_up(bound.room, mul_up(4.0, div_up(error, upper)))
    return replace(bound, upper=upper, lower=lower, room=room)


def off_by(node: Node, rounding: Rounding) -> Rounding:
    """The rounding, with a computed kernel's error; what a computed kernel is when served is not known."""
    error = kernel_error(node)
    return rounding if error == 0.0 else replace(rounding, perturbation=error, library=True)


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
