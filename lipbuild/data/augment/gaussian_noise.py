from __future__ import annotations

from typing import Any

from lipbuild.data.draws import Draws
from lipbuild.spec.augmentation.gaussian_noise import GaussianNoise


def gaussian_noise(spec: GaussianNoise, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Inputs of any shape, with noise."""
    return x + spec.stddev * draws.normal(tuple(x.shape[1:])), y
