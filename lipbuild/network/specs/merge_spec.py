from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from lipbuild.network.shapes import Shape, ShapeError, format_shape
from lipbuild.network.specs.layer import LayerSpec


class MergeSpec(LayerSpec):
    """The base of the layers that make one value of several."""

    merges: ClassVar[bool] = True

    def equal_shapes(self, shapes: Sequence[Shape]) -> Shape:
        """The one shape that all inputs have.

        Raises:
            ShapeError: There are fewer than two inputs, or their shapes differ.
        """
        if len(shapes) < 2:
            raise ShapeError(
                f"`{self.kind}` merges at least two inputs, and this one reads {len(shapes)}",
                help=f"name them: `{self.kind}: {{inputs: [a, b]}}`",
            )
        if any(shape != shapes[0] for shape in shapes):
            found = " and ".join(format_shape(shape) for shape in dict.fromkeys(shapes))
            raise ShapeError(
                f"`{self.kind}` takes inputs of one shape, and these have {found}",
                help="make the branches end in equal shapes",
            )
        return shapes[0]
