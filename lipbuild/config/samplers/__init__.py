"""How a sweep chooses what it tries, under Optuna's names without `Sampler`."""

from __future__ import annotations

from lipbuild.config.samplers.sampler import SamplerSpec
from lipbuild.fields.registry import Registry

__all__ = ["SAMPLERS", "SamplerSpec"]

SAMPLERS: Registry[SamplerSpec] = Registry(
    __name__, {"TPE": "tpe", "NSGAII": "nsgaii", "Random": "random", "Grid": "grid"}
)
