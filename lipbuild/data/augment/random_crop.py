from __future__ import annotations

from typing import Any

from lipbuild.config.augmentation import RandomCrop
from lipbuild.data.augment.shifted import shifted
from lipbuild.data.draws import Draws


def random_crop(spec: RandomCrop, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Images (samples, height, width, channels), each cut out of itself padded: the same as moving it."""
    height, width = spec.padding
    return shifted(x, draws.integers(-height, height), draws.integers(-width, width), spec.fill_value), y
