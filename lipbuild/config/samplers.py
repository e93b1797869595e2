"""How a sweep chooses what it tries, under Optuna's names without `Sampler`."""

from pydantic import Field

from lipbuild.config.choices import SamplerSpec


class TPE(SamplerSpec):
    """Draws where good trials are dense and bad ones are not: tree-structured Parzen estimators (Bergstra 2011)."""

    n_startup_trials: int = Field(10, ge=0, description="How many trials are drawn at random first.")
    multivariate: bool = Field(
        False, description="Whether keys are drawn together rather than each by itself."
    )


class NSGAII(SamplerSpec):
    """A genetic algorithm for several objectives, NSGA-II (Deb et al. 2002)."""

    population_size: int = Field(50, ge=2, description="The number of trials of a generation.")


class Random(SamplerSpec):
    """Draws evenly, whatever has been found (Bergstra & Bengio 2012)."""


class Grid(SamplerSpec):
    """Tries every combination once, in an order that is drawn; each range needs a `step`, or whole numbers."""
