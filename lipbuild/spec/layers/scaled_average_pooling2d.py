from typing import Any

from pydantic import Field

from lipbuild.spec.layers.common import Coefficient, Padding, SizePair
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.rounding import float32_down
from lipbuild.spec.shapes import Shape, ShapeError, image, window_shape


class ScaledAveragePooling2D(LayerSpec):
    """Average pooling over disjoint windows times k·√(ph·pw), which makes its constant exactly k."""

    pool_size: SizePair = Field((2, 2), description="Height and width of the window: one number, or two.")
    strides: SizePair | None = Field(None, description="Equal to `pool_size`, which it is where left out.")
    padding: Padding = Field(
        "valid", description="`same` only where the windows divide the input, so that nothing is padded."
    )
    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz constant.")

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width divided by the window's."""
        pool = self.pool_size
        if self.strides is not None and self.strides != pool:
            raise ShapeError(
                "`ScaledAveragePooling2D` takes disjoint windows, so `strides` equals `pool_size`",
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

    def gain(self, shape: Shape) -> float:
        """K."""
        return float32_down(self.k_coef_lip)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them."""
        return {**super().arguments(), "strides": None, "k_coef_lip": float32_down(self.k_coef_lip)}
