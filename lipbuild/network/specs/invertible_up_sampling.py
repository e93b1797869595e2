from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, ShapeError, format_shape, image
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.invertible_sampling import InvertibleSamplingSpec


class InvertibleUpSampling(InvertibleSamplingSpec):
    """k times a permutation that moves groups of ph·pw channels into windows of pixels: constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="moves values",
        replaces="UpSampling2D",
        paper="Shi et al. 2016",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width times the window's, the channels divided by both."""
        height, width, channels = image(shape, self.kind)
        rows, columns = self.pool_size
        if channels % (rows * columns):
            raise ShapeError(
                f"the {channels} channels of an input of {format_shape(shape)} do not make windows of "
                f"{rows}×{columns}",
                field="pool_size",
                help=f"give the layer before it a multiple of {rows * columns} filters",
            )
        return (
            None if height is None else height * rows,
            None if width is None else width * columns,
            channels // (rows * columns),
        )
