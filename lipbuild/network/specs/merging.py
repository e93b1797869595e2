"""The layers that make one value of several."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import BiasInitializer, Coefficient
from lipbuild.network.specs.layer import Facts, LayerSpec


class MergeSpec(LayerSpec):
    """The base of the layers that make one value of several."""

    merges = True


class Add(MergeSpec):
    """The sum of the inputs: its constant is the sum of theirs."""

    facts = Facts(
        constant="ΣΛ of its inputs", exact=True, gradient="shared by the branches", rule="unscaled-residuals"
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The sum."""
        return (ops.Add(),)


class Subtract(MergeSpec):
    """The first input minus the second: its constant is the sum of theirs."""

    facts = Facts(constant="Λ₁ + Λ₂ of its inputs", exact=True, gradient="shared by the branches")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The difference."""
        return (ops.Subtract(),)


class Average(MergeSpec):
    """The mean of the inputs: its constant is the mean of theirs."""

    facts = Facts(constant="the mean of its inputs", exact=True, gradient="shared by the branches")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The mean."""
        return (ops.Average(),)


class Maximum(MergeSpec):
    """The greatest of the inputs, value by value: constant √ΣΛ²."""

    facts = Facts(constant="√ΣΛ² of its inputs", exact=True, gradient="shared by the branches")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The greatest."""
        return (ops.Maximum(),)


class Minimum(MergeSpec):
    """The least of the inputs, value by value: constant √ΣΛ²."""

    facts = Facts(constant="√ΣΛ² of its inputs", exact=True, gradient="shared by the branches")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The least."""
        return (ops.Minimum(),)


class Concatenate(MergeSpec):
    """The inputs side by side: constant √ΣΛ²."""

    facts = Facts(
        constant="√ΣΛ² of its inputs",
        exact=True,
        gradient="shared by the branches",
        rule="unscaled-concatenations",
    )

    axis: int = Field(-1, description="The dimension along which they are joined, the batch being 0.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The inputs joined along the axis."""
        return (ops.Concatenate(self.axis),)


class LipResidual(MergeSpec):
    """k·(a·x + (1 − a)·y) with a learned a in (0, 1): constant k times the greater of the inputs' constants."""

    facts = Facts(
        constant="k·max(Λ₁, Λ₂) of its inputs",
        exact=False,
        gradient="shared by the branches",
        cost="a sum",
        keras="Add",
    )

    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz factor.")
    alpha_initializer: BiasInitializer = Field(
        "zeros", description="What the logit of a starts from; zeros start at a = ½."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The mixture, whatever a is, times k."""
        return ops.ConvexCombination(), ops.Scale(float32_down(self.k_coef_lip))

    def parameters(self, shape: Shape) -> int:
        """The logit of a."""
        return 1

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the factor is a float32 there, so it is rounded down to one."""
        return {**super().arguments(), "k_coef_lip": float32_down(self.k_coef_lip)}
