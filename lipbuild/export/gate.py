"""What an export must pass before it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.kernel_bounds import KERNEL_BOUNDS, applied_kernels, promised_norm
from lipbuild.errors import RefusedError
from lipbuild.spec.graph import Graph

# The greatest difference of any output, and the relative excess of a kernel's norm, that are let through.
OUTPUT_TOLERANCE = 1e-5
NORM_TOLERANCE = 1e-6

Predict = Callable[[NDArray[np.float32]], NDArray[np.generic]]


@dataclass(frozen=True)
class KernelNorm:
    """The norm of an exported kernel.

    Attributes:
        layer: The layer's name.
        norm: Its norm in float64; for a convolution that of the reshaped kernel, over the factor.
        allowed: What it is held at: k, or k·√units for columns that are normalised one by one.
    """

    layer: str
    norm: float
    allowed: float

    @property
    def passes(self) -> bool:
        """Whether the norm is at most k·(1 + 1e-6)."""
        return self.norm <= self.allowed * (1.0 + NORM_TOLERANCE)


def kernel_norms(plain: keras.Model, graph: Graph) -> list[KernelNorm]:
    """The norm of every exported kernel, by a singular value decomposition in float64.

    For a convolution of stride s the operator's norm is at most √(⌈kh/sh⌉·⌈kw/sw⌉) times that of the kernel
    reshaped to (kh·kw·channels, filters); that product is what is given. For the convolutions and blocks whose
    kernel is not constrained as a matrix it is the proved bound.
    """
    kernels = applied_kernels(plain, graph)
    return [
        KernelNorm(node.name, KERNEL_BOUNDS[node.kind].measured(node, kernels), promised_norm(node))
        for node in graph.nodes
        if node.kind in KERNEL_BOUNDS
    ]


def check_norms(norms: list[KernelNorm]) -> None:
    """Let kernels through whose norm is what was promised.

    Raises:
        RefusedError: One is not; nothing may be written.
    """
    for kernel in norms:
        if not kernel.passes:
            raise RefusedError(
                f"the kernel of `{kernel.layer}` has the spectral norm {kernel.norm:.9g}, and at most "
                f"{kernel.allowed:.9g} is allowed: nothing was exported",
                "its weights were changed after the training; train again",
            )


def check_outputs(name: str, exported: Predict, trained: Predict, inputs: NDArray[np.float32]) -> float:
    """Let an export through whose outputs are the trained model's.

    Args:
        name: The format, for the message.
        exported: Runs the exported file.
        trained: Runs the trained model.
        inputs: Real inputs.

    Returns:
        The greatest difference of any output.

    Raises:
        RefusedError: It is above 1e-5, or not a number.
    """
    found = np.asarray(exported(inputs), dtype=np.float64)
    difference = float(np.max(np.abs(found - np.asarray(trained(inputs), dtype=np.float64))))
    if not difference <= OUTPUT_TOLERANCE:
        raise RefusedError(
            f"the {name} export differs from the trained model by {difference:.3g} on real inputs, and at "
            f"most {OUTPUT_TOLERANCE:g} is allowed: nothing was exported"
        )
    return difference
