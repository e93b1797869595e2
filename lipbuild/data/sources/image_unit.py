from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError

# What one unit of a radius is where pixels are given in [0, 1].
IMAGE_UNIT = "the range of a pixel, [0, 1]"


def check_pixels(dtype: np.dtype[Any], path: Path) -> None:
    """Let pixels of one byte through.

    Raises:
        RefusedError: They are other numbers.
    """
    if dtype != np.uint8:
        raise RefusedError(
            f"{path}: `pixels` is for inputs of one byte (uint8), and these are {dtype}",
            "leave `pixels` out: other numbers are taken as they are",
        )
