from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import mul_up, root_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.dense import DenseSpec
from lipbuild.network.specs.facts import Facts


class FrobeniusDense(DenseSpec):
    """y = k·xW + b with W divided by its Frobenius norm: constant at most k; column by column at most k·√units."""

    facts: ClassVar[Facts] = Facts(
        constant="k; k·√units with `disjoint_neurons`",
        exact=False,
        gradient="shrinks, but for one output",
        cost="a norm a training step; none at inference",
        replaces="Dense",
        paper="Serrurier et al. 2021",
    )

    disjoint_neurons: bool = Field(
        True,
        description="Whether each column is divided by its own norm: each output by itself then has the "
        "constant k, all together up to k·√units, which is what counts.",
    )

    def kernel_bound(self) -> float:
        """K, or k·√units where the columns are normalised one by one: equal columns reach it."""
        bound = super().kernel_bound()
        return mul_up(bound, root_up(self.units)) if self.disjoint_neurons else bound

    def single_gain(self, shape: Shape) -> float:
        """K · L(activation): each column is normalised, by itself or with the others."""
        return mul_up(super().kernel_bound(), self.activation_constant)
