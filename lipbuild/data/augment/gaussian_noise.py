from __future__ import annotations

from typing import Any

from lipbuild.config.augmentation import GaussianNoise
from lipbuild.data.draws import Draws


def gaussian_noise(spec: GaussianNoise, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Inputs of any shape, with noise."""
    return x + spec.stddev * draws.normal(tuple(x.shape[1:])), y
