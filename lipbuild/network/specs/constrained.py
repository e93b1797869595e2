import math

from pydantic import Field

from lipbuild.network.activations import CONSTANTS
from lipbuild.network.rounding import mul_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.budgeted import BudgetedSpec
from lipbuild.network.specs.common import ActivationName, BiasInitializer, KernelInitializer


class ConstrainedSpec(BudgetedSpec):
    """The base of the layers with a trained kernel whose spectral norm is held at `k_coef_lip`."""

    activation: ActivationName | None = Field(
        None, description="An activation applied to the output; its constant counts."
    )
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: KernelInitializer = Field(
        "orthogonal", description="What the kernel starts from, before it is made orthogonal."
    )
    bias_initializer: BiasInitializer = Field("zeros", description="What the bias starts from.")

    @property
    def activation_constant(self) -> float:
        """The constant of the activation; infinite where it has none."""
        constant = CONSTANTS[self.activation] if self.activation is not None else 1.0
        return math.inf if constant is None else constant

    def gain(self, shape: Shape) -> float:
        """K · L(activation)."""
        return mul_up(self.kernel_bound(), self.activation_constant)
