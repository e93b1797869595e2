from typing import Any

from pydantic import Field

from lipbuild.spec.layers.common import Coefficient
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.rounding import float32_down
from lipbuild.spec.shapes import Shape, ShapeError, image


class ScaledGlobalAveragePooling2D(LayerSpec):
    """The mean over an image times k·√(h·w), which makes its constant exactly k."""

    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz constant.")

    def output_shape(self, shape: Shape) -> Shape:
        """One value a channel."""
        height, width, channels = image(shape, self.kind)
        if height is None or width is None:
            raise ShapeError(
                "`ScaledGlobalAveragePooling2D` needs a fixed height and width: its scale is √(h·w)",
                help="give `model.input` fixed sizes, or use `GlobalMaxPooling2D`",
            )
        return (channels,)

    def gain(self, shape: Shape) -> float:
        """K."""
        return float32_down(self.k_coef_lip)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them."""
        return {"k_coef_lip": float32_down(self.k_coef_lip)}
