"""A batch of random numbers in the shape of a config's data."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.config.choices import LossSpec
from lipbuild.data.labels import Targets, encode
from lipbuild.network.graph import Graph
from lipbuild.network.shapes import known_shape


def random_batch(graph: Graph, loss: LossSpec, size: int) -> tuple[Any, Any]:
    """Inputs in [0, 1] and labels as the loss wants them; a step's time does not depend on their values.

    Args:
        graph: The network.
        loss: The loss that the labels are for.
        size: The number of samples.

    Returns:
        `(x, y)`: x float32 of shape `(size, *input_shape)`.

    Raises:
        ShapeError: A size is not fixed.
    """
    rng = np.random.default_rng(0)
    x = rng.random((size, *known_shape(graph.input_shape))).astype("float32")
    outputs = known_shape(graph.output_nodes[0].shape)[-1]
    classes = outputs if loss.task == "multiclass" else 2
    values = rng.random((size, outputs)) if loss.task == "regression" else rng.integers(classes, size=size)
    return x, encode(Targets(values.astype("float32"), ()), loss.labels, classes)
