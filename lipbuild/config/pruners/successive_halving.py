from pydantic import Field

from lipbuild.config.pruners.pruner import PrunerSpec


class SuccessiveHalving(PrunerSpec):
    """Lets the best of every few trials go on, at epochs that grow by a factor: ASHA (Li et al. 2020)."""

    min_resource: int = Field(1, ge=1, description="The epoch of the first look.")
    reduction_factor: int = Field(
        4, ge=2, description="Of so many trials one goes on, for so many times longer."
    )
    min_early_stopping_rate: int = Field(
        0, ge=0, description="How many times the factor the first look comes later."
    )
