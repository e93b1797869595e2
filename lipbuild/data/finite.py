from __future__ import annotations

import numpy as np

from lipbuild.data.features import Features
from lipbuild.errors import RefusedError

_VALUES = 8_000_000


def check_finite(features: Features, *, filled: bool = False) -> None:
    """Let inputs through that are numbers without exception.

    Inputs whose type has nothing else are not read for it.

    Args:
        features: The inputs.
        filled: Whether NaN stands for a cell that is still to be filled.

    Raises:
        RefusedError: Samples hold NaN or infinite values; the message names the first.
    """
    if features.always_finite:
        return
    size = max(1, _VALUES // max(1, int(np.prod(features.shape))))
    bad: list[int] = []
    for start in range(0, len(features), size):
        numbers = np.arange(start, min(start + size, len(features)))
        x = features.take(numbers).reshape(len(numbers), -1)
        finite = (~np.isinf(x) if filled else np.isfinite(x)).all(axis=1)
        bad += (start + np.flatnonzero(~finite)).tolist()
    if bad:
        raise RefusedError(
            f"{len(bad)} of {len(features)} samples hold NaN or infinite features; the first is sample {bad[0]}",
            "remove or fill them before training",
        )
