from typing import Any

from pydantic import Field

from lipbuild.config.pruners.pruner import PrunerSpec


class Hyperband(PrunerSpec):
    """Several successive halvings, from hasty to patient (Li et al. 2018)."""

    min_resource: int = Field(1, ge=1, description="The epoch of the first look of the hastiest.")
    reduction_factor: int = Field(
        3, ge=2, description="Of so many trials one goes on, for so many times longer."
    )

    def arguments(self, epochs: int) -> dict[str, Any]:
        """The arguments of Optuna's pruner, the number of epochs as the most that a trial has."""
        return {**super().arguments(epochs), "max_resource": max(epochs, self.min_resource)}
