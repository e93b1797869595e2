from pydantic import Field

from lipbuild.config.samplers.sampler import SamplerSpec


class TPE(SamplerSpec):
    """Draws where good trials are dense and bad ones are not: tree-structured Parzen estimators (Bergstra 2011)."""

    n_startup_trials: int = Field(10, ge=0, description="How many trials are drawn at random first.")
    multivariate: bool = Field(
        False, description="Whether keys are drawn together rather than each by itself."
    )
