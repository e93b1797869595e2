from typing import Any

from pydantic import Field

from lipbuild.spec.layers.common import Coefficient
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.rounding import float32_down
from lipbuild.spec.shapes import Shape, ShapeError, format_shape


class GroupSort2(LayerSpec):
    """Pairs of channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz constant.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input; the last dimension must be even."""
        channels = shape[-1] if shape else None
        if channels is None:
            raise ShapeError("`GroupSort2` needs a fixed number of channels")
        if channels % 2:
            raise ShapeError(
                f"`GroupSort2` sorts channels in pairs, and its input {format_shape(shape)} has "
                f"{channels} of them",
                help=f"give the layer before it {channels + 1} units (or filters), or use `ReLU`",
                rule="indivisible-group-sort",
            )
        return shape

    def gain(self, shape: Shape) -> float:
        """K."""
        return float32_down(self.k_coef_lip)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them."""
        return {"k_coef_lip": float32_down(self.k_coef_lip)}
