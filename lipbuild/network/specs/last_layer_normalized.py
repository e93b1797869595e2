from __future__ import annotations

from typing import ClassVar

from lipbuild.network.rounding import mul_up, root_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.dense import DenseSpec
from lipbuild.network.specs.facts import Facts


class LastLayerNormalized(DenseSpec):
    """y_i = k·x·w_i/‖w_i‖ + b_i, each output alone of constant k: all together constant k·√units."""

    facts: ClassVar[Facts] = Facts(
        constant="k·√units; k of each output alone",
        exact=False,
        gradient="shrinks",
        cost="a norm a training step; none at inference",
        replaces="Dense as the last layer",
        paper="Singla, Singla & Feizi 2022",
    )

    def kernel_bound(self) -> float:
        """K·√units, which equal columns reach."""
        return mul_up(super().kernel_bound(), root_up(self.units))

    def single_gain(self, shape: Shape) -> float:
        """K · L(activation)."""
        return mul_up(super().kernel_bound(), self.activation_constant)
