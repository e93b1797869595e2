from __future__ import annotations

from typing import Any

from lipbuild.config.augmentation import RandomTranslation
from lipbuild.data.augment.shifted import shifted
from lipbuild.data.draws import Draws


def random_translation(spec: RandomTranslation, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Images (samples, height, width, channels), each moved by whole pixels."""
    height, width = int(spec.height_factor * x.shape[1]), int(spec.width_factor * x.shape[2])
    return shifted(x, draws.integers(-height, height), draws.integers(-width, width), spec.fill_value), y
