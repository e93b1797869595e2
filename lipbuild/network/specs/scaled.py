from typing import Any

from pydantic import Field

from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Coefficient
from lipbuild.network.specs.layer import LayerSpec


class ScaledSpec(LayerSpec):
    """The base of the layers that multiply a map of constant 1 by `k_coef_lip`."""

    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz constant.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape

    def gain(self, shape: Shape) -> float:
        """K."""
        return float32_down(self.k_coef_lip)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the coefficient is a float32 there, so it is rounded down to one."""
        return {**super().arguments(), "k_coef_lip": float32_down(self.k_coef_lip)}
