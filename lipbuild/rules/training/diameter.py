from __future__ import annotations

import math

from lipbuild.spec.config import Config
from lipbuild.spec.shapes import size_of

# The data sets whose every value lies in [0, 1].
_UNIT = frozenset({"digits", "breast_cancer", "wine", "diabetes"})


def diameter(config: Config) -> float | None:
    """The greatest distance √n of two samples of the data, where it is known to lie in [0, 1]ⁿ."""
    if config.data is None or config.data.source.source_name not in _UNIT:
        return None
    shape = config.data.source.input_shape(config.folder)
    size = size_of(shape) if shape is not None else None
    return math.sqrt(size) if size is not None else None
