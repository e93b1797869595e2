from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import float32_down, mul_up
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.common import BiasInitializer, Coefficient
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.merge_spec import MergeSpec


class LipResidual(MergeSpec):
    """k·(a·x + (1 − a)·y) with a learned a in (0, 1): constant k times the greater of the inputs' constants."""

    facts: ClassVar[Facts] = Facts(
        constant="k·max(Λ₁, Λ₂) of its inputs",
        exact=False,
        gradient="shared by the branches",
        cost="a sum",
        replaces="Add",
    )

    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz factor.")
    alpha_initializer: BiasInitializer = Field(
        "zeros", description="What the logit of a starts from; zeros start at a = ½."
    )

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape that both inputs have."""
        if len(shapes) != 2:
            raise ShapeError(
                f"`LipResidual` mixes two inputs, and this one reads {len(shapes)}",
                help="name them: `LipResidual: {inputs: [a, b]}`",
            )
        return self.equal_shapes(shapes)

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """K·max Λ, whatever a is."""
        return mul_up(float32_down(self.k_coef_lip), max(bounds))

    def parameters(self, shape: Shape) -> int:
        """The logit of a."""
        return 1

    def arguments(self) -> dict[str, object]:
        """As the Keras layer takes them; the factor is a float32 there, so it is rounded down to one."""
        return {**super().arguments(), "k_coef_lip": float32_down(self.k_coef_lip)}
