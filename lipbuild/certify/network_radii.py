from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.radii import binary_radii, margin_radii, pairwise_distances, pairwise_radii
from lipbuild.spec.graph import INPUT, Graph
from lipbuild.spec.layers.dense import DenseSpec
from lipbuild.spec.losses.loss import Task


def network_radii(
    task: Task,
    outputs: NDArray[np.float64],
    proved: Graph,
    kernels: Mapping[str, NDArray[np.float32]],
) -> NDArray[np.float64]:
    """The certified radius of each sample's prediction, rounded down; 0 for a tie.

    For one output |f|/L. For several, where the network ends in a dense layer, the pairwise radius
    min_j (z_i − z_j)/(‖w_i − w_j‖₂·Λ), Λ the constant of everything before that layer; margin/(√2·L) else.

    Args:
        task: `multiclass` or `binary`.
        outputs: The logits in float64, (samples, outputs).
        proved: The graph with the constants proved from the weights.
        kernels: The kernel that each constrained layer applies.
    """
    if task == "binary":
        radii = binary_radii(outputs, proved.bound)
    else:
        radii = margin_radii(outputs, proved.bound)
        last = proved.output_nodes[0]
        if isinstance(last.spec, DenseSpec) and last.spec.activation in (None, "linear"):
            source = last.inputs[0]
            rest = 1.0 if source == INPUT else proved.node(source).bound
            distances = pairwise_distances(np.asarray(kernels[last.name]))
            radii = np.maximum(radii, pairwise_radii(outputs, distances, rest))
    # Where nothing at all can change a prediction the radius is infinite, which JSON has no number for.
    finite: NDArray[np.float64] = np.minimum(radii, np.finfo(np.float64).max)
    return finite
