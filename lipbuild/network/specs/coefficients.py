"""The bases of the layers with a coefficient, `k_coef_lip`."""

from typing import Any

from pydantic import Field

from lipbuild.network.operations import Operation, Scale
from lipbuild.network.rounding import float32_down
from lipbuild.network.specs.common import Coefficient
from lipbuild.network.specs.layer import LayerSpec


class BudgetedSpec(LayerSpec):
    """The base of the layers that take a share of the network's constant."""

    shares_budget = True

    k_coef_lip: Coefficient | None = Field(
        None,
        description="The layer's Lipschitz constant. Default: an equal share of `model.lipschitz`.",
    )

    def kernel_bound(self) -> float:
        """What the norm of the linear map is held at: k."""
        return float32_down(self.k_coef_lip or 1.0)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the coefficient is a float32 there, so it is rounded down to one."""
        return {**super().arguments(), "k_coef_lip": float32_down(self.k_coef_lip or 1.0)}


class ScaledSpec(LayerSpec):
    """The base of the layers that multiply a map of constant 1 by `k_coef_lip`."""

    k_coef_lip: Coefficient = Field(1.0, description="The layer's Lipschitz constant.")

    def scale(self) -> Operation:
        """The last of its operations: the coefficient."""
        return Scale(float32_down(self.k_coef_lip))

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the coefficient is a float32 there, so it is rounded down to one."""
        return {**super().arguments(), "k_coef_lip": float32_down(self.k_coef_lip)}
