from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, ShapeError, format_shape, image
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.invertible_sampling import InvertibleSamplingSpec


class InvertibleDownSampling(InvertibleSamplingSpec):
    """k times a permutation that moves each window of ph·pw pixels into channels: constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="moves values",
        replaces="MaxPooling2D",
        paper="Shi et al. 2016",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width divided by the window's, the channels multiplied by both."""
        height, width, channels = image(shape, self.kind)
        rows, columns = self.pool_size
        if (height is not None and height % rows) or (width is not None and width % columns):
            raise ShapeError(
                f"windows of {rows}×{columns} do not divide an input of {format_shape(shape)}",
                field="pool_size",
                help="use a window that divides the input, or a `ZeroPadding2D` before it",
            )
        return (
            None if height is None else height // rows,
            None if width is None else width // columns,
            channels * rows * columns,
        )
