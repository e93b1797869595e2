from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Slice(Operation):
    """Some of the values; `slices` has a (start, stop, step) for each axis, the batch axis left out."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The lengths of the slices."""
        slices = node.parameters["slices"]
        if len(slices) > len(shapes[0]):
            raise RefusedError(f"`{node.name}` slices inputs {shapes[0]} by {slices}")
        lengths = [len(range(*slice(*s).indices(n))) for s, n in zip(slices, shapes[0], strict=False)]
        if 0 in lengths:
            raise RefusedError(f"`{node.name}` leaves nothing of inputs {shapes[0]}")
        return (*lengths, *shapes[0][len(slices) :])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """A view."""
        index = (slice(None), *(slice(*s) for s in node.parameters["slices"]))
        return inputs[0][index]
