from lipbuild.config.samplers.sampler import SamplerSpec


class Grid(SamplerSpec):
    """Tries every combination once, in an order that is drawn; each range needs a `step`, or whole numbers."""
