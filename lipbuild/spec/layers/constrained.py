import math
from typing import Any, ClassVar

from lipbuild.spec.activations import CONSTANTS
from lipbuild.spec.field import Field
from lipbuild.spec.layers.common import ActivationName, BiasInitializer, Coefficient, KernelInitializer
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.rounding import float32_down, mul_up
from lipbuild.spec.shapes import Shape


class ConstrainedSpec(LayerSpec):
    """The base of the layers with a trained kernel whose spectral norm is held at `k_coef_lip`."""

    shares_budget: ClassVar[bool] = True

    activation: ActivationName | None = Field(
        None, description="An activation applied to the output; its constant counts."
    )
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: KernelInitializer = Field(
        "orthogonal", description="What the kernel starts from, before it is made orthogonal."
    )
    bias_initializer: BiasInitializer = Field("zeros", description="What the bias starts from.")
    k_coef_lip: Coefficient | None = Field(
        None,
        description="The layer's Lipschitz constant; where left out, an equal share of `model.lipschitz`.",
    )

    def kernel_bound(self) -> float:
        """What the norm of the linear map is held at: k."""
        return float32_down(self.k_coef_lip or 1.0)

    @property
    def activation_constant(self) -> float:
        """The constant of the activation; infinite where it has none."""
        constant = CONSTANTS[self.activation] if self.activation is not None else 1.0
        return math.inf if constant is None else constant

    def gain(self, shape: Shape) -> float:
        """K · L(activation)."""
        return mul_up(self.kernel_bound(), self.activation_constant)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the coefficient is a float32 there, so it is rounded down to one."""
        return {**super().arguments(), "k_coef_lip": float32_down(self.k_coef_lip or 1.0)}
