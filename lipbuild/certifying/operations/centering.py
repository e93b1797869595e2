from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Centering(Operation):
    """X less its mean along some axes: the projection onto what has the mean 0 there."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        axes = node.parameters["axes"]
        if not axes or len(set(axes)) != len(axes) or not all(0 <= a < len(shapes[0]) for a in axes):
            raise RefusedError(f"`{node.name}` has the mean along the axes {axes} of inputs {shapes[0]}")
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """1; 0 where each mean is of a single value."""
        count = math.prod(shapes[0][a] for a in node.parameters["axes"])
        constant = 0.0 if count == 1 else 1.0
        return Bound(constant, constant, "closed form", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says; the majorant adds the mean."""
        axes = tuple(a + 1 for a in node.parameters["axes"])
        mean = inputs[0].mean(axis=axes, keepdims=True)
        return np.asarray(inputs[0] + mean if node.parameters.get("adds") else inputs[0] - mean, np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A sum, a division and a difference; the map with magnitudes has the norm 2 at most."""
        count = math.prod(shapes[0][a] for a in node.parameters["axes"])
        return Rounding(count + 3, 2.0, 0.0, math.prod(shapes[0]))

    def majorant(self, node: Node) -> Node:
        """The sum with the mean."""
        return replace(node, parameters={**node.parameters, "adds": True})
