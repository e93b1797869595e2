from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.global_pooling2d import GlobalPooling2DSpec
from lipbuild.network.specs.scaled import ScaledSpec


class ScaledGlobalAveragePooling2D(GlobalPooling2DSpec, ScaledSpec):
    """The mean over an image times k·√(h·w), which makes its constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a factor",
        replaces="GlobalAveragePooling2D",
        paper="Serrurier et al. 2021",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """One value a channel."""
        height, width, _ = image(shape, self.kind)
        if height is None or width is None:
            raise ShapeError(
                "`ScaledGlobalAveragePooling2D` needs a fixed height and width: its scale is √(h·w)",
                help="give `model.input` fixed sizes, or use `GlobalMaxPooling2D`",
            )
        return super().output_shape(shape)
