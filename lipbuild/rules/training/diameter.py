from __future__ import annotations

import math

from lipbuild.config.config import Config
from lipbuild.network.shapes import size_of


def diameter(config: Config) -> float | None:
    """The greatest distance √n of two samples of the data, where it is known to lie in [0, 1]ⁿ."""
    if config.data is None or not config.data.source.in_unit_range():
        return None
    shape = config.data.source.input_shape(config.folder)
    size = size_of(shape) if shape is not None else None
    return math.sqrt(size) if size is not None else None
