"""Which constants of a file are kept as float16, and what of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError
from lipbuild.exporting.served import Served


def exact_arrays(served: Served) -> list[NDArray[Any]]:
    """The weights of a network that no format may round, each in order of size: formats lay them out anew."""
    return [_sorted(np.asarray(w)) for w in served.model.weights if w.path in served.exact]


def half_of(values: NDArray[Any], exact: Sequence[NDArray[Any]]) -> NDArray[np.float16] | None:
    """A constant rounded to float16; None if it stays as it is.

    Biases, factors and other lists stay, because they are small and round as much as a kernel does.

    Args:
        values: The constant.
        exact: The constants that may not be rounded, as `exact_arrays` gives them.

    Raises:
        RefusedError: It is beyond the range of float16.
    """
    if values.dtype != np.float32 or values.ndim < 2 or values.size < 2:
        return None
    if any(np.array_equal(_sorted(values), array) for array in exact):
        return None
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    if not np.isfinite(half).all():
        raise RefusedError(
            f"a weight of {np.abs(values).max():.6g} is beyond the range of float16: nothing was exported",
            "export it without `--quantize`",
        )
    return half


def _sorted(values: NDArray[Any]) -> NDArray[Any]:
    return np.sort(values, axis=None)
