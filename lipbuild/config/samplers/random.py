from lipbuild.config.samplers.sampler import SamplerSpec


class Random(SamplerSpec):
    """Draws evenly, whatever has been found (Bergstra & Bengio 2012)."""
