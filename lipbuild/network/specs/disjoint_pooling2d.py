from typing import Any

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, image, window_shape
from lipbuild.network.specs.common import Padding, SizePair
from lipbuild.network.specs.scaled import ScaledSpec


class DisjointPooling2DSpec(ScaledSpec):
    """The base of the scaled poolings over windows that do not overlap."""

    pool_size: SizePair = Field((2, 2), description="Height and width of the window: one number, or two.")
    strides: SizePair | None = Field(None, description="Equal to `pool_size`, which it is where left out.")
    padding: Padding = Field(
        "valid", description="`same` only where the windows divide the input, so that nothing is padded."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width divided by the window's."""
        pool = self.pool_size
        if self.strides is not None and self.strides != pool:
            raise ShapeError(
                f"`{self.kind}` takes disjoint windows, so `strides` equals `pool_size`",
                field="strides",
                help=f"remove `strides`, or write `strides: [{pool[0]}, {pool[1]}]`",
                rule="overlapping-average-pooling",
            )
        height, width, _ = image(shape, self.kind)
        divides = height is not None and width is not None and height % pool[0] == width % pool[1] == 0
        if self.padding == "same" and not divides:
            # TensorFlow's average leaves the padding out of its divisor: a border window of m values has
            # norm 1/√m, more than the 1/√(ph·pw) that the scale makes up for.
            raise ShapeError(
                "with `padding: same` the windows must divide the input: a padded window averages fewer values",
                field="padding",
                help="use `padding: valid`, or a window that divides the input",
                rule="overlapping-average-pooling",
            )
        return window_shape(shape, self.kind, pool, pool, self.padding, "pool_size")

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; where nothing is padded, `same` is `valid`."""
        return {**super().arguments(), "strides": None, "padding": "valid"}
