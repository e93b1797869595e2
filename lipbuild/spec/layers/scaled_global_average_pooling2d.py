from __future__ import annotations

from lipbuild.spec.layers.global_pooling2d import GlobalPooling2DSpec
from lipbuild.spec.layers.scaled import ScaledSpec
from lipbuild.spec.shapes import Shape, ShapeError, image


class ScaledGlobalAveragePooling2D(GlobalPooling2DSpec, ScaledSpec):
    """The mean over an image times k·√(h·w), which makes its constant exactly k."""

    def output_shape(self, shape: Shape) -> Shape:
        """One value a channel."""
        height, width, _ = image(shape, self.kind)
        if height is None or width is None:
            raise ShapeError(
                "`ScaledGlobalAveragePooling2D` needs a fixed height and width: its scale is √(h·w)",
                help="give `model.input` fixed sizes, or use `GlobalMaxPooling2D`",
            )
        return super().output_shape(shape)
