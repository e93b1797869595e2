from pydantic import Field

from lipbuild.config.samplers.sampler import SamplerSpec


class NSGAII(SamplerSpec):
    """A genetic algorithm for several objectives, NSGA-II (Deb et al. 2002)."""

    population_size: int = Field(50, ge=2, description="The number of trials of a generation.")
