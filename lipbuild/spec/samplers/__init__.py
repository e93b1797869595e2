"""How a sweep chooses what it tries, under Optuna's names without `Sampler`."""

from __future__ import annotations

from lipbuild.spec.registry import Registry
from lipbuild.spec.samplers.sampler import SamplerSpec

__all__ = ["SAMPLERS", "SamplerSpec"]

SAMPLERS: Registry[SamplerSpec] = Registry(
    __name__, {"TPE": "tpe", "NSGAII": "nsgaii", "Random": "random", "Grid": "grid"}
)
