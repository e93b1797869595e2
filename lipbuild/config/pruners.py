"""When a sweep gives a trial up, under Optuna's names without `Pruner`."""

from typing import Any

from pydantic import Field

from lipbuild.config.choices import PrunerSpec


class Median(PrunerSpec):
    """Gives a trial up whose best epoch so far is worse than the median of the others at the same epoch."""

    n_startup_trials: int = Field(5, ge=0, description="How many trials have to end before any is given up.")
    n_warmup_steps: int = Field(0, ge=0, description="How many epochs each trial has in any case.")
    interval_steps: int = Field(1, ge=1, description="How many epochs lie between two looks.")


class Percentile(Median):
    """Gives a trial up whose best epoch so far is not among the best of the others at the same epoch."""

    percentile: float = Field(
        25.0, gt=0, lt=100, description="The share of trials that is kept, in per cent."
    )


class SuccessiveHalving(PrunerSpec):
    """Continues the best of every few trials, at epochs that grow by a factor: ASHA (Li et al. 2020)."""

    min_resource: int = Field(1, ge=1, description="The epoch of the first look.")
    reduction_factor: int = Field(
        4, ge=2, description="One of this many trials continues, for this many times longer."
    )
    min_early_stopping_rate: int = Field(
        0, ge=0, description="How many times the factor the first look comes later."
    )


class Hyperband(PrunerSpec):
    """Several successive halvings, from hasty to patient (Li et al. 2018)."""

    min_resource: int = Field(1, ge=1, description="The epoch of the first look of the hastiest.")
    reduction_factor: int = Field(
        3, ge=2, description="One of this many trials continues, for this many times longer."
    )

    def arguments(self, epochs: int) -> dict[str, Any]:
        """The arguments of Optuna's pruner, the number of epochs as the most that a trial has."""
        return {**super().arguments(epochs), "max_resource": max(epochs, self.min_resource)}
