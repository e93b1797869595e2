from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import UnusableError, install_command

Outputs = dict[str, NDArray[np.generic]]
Predict = Callable[[NDArray[np.float32]], Outputs]

# How many samples a runtime is given at once.
BATCH = 256


def joined(parts: Sequence[Outputs]) -> Outputs:
    """The outputs of batches, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def batches(inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The samples in batches; the last one is smaller where they do not divide."""
    return [inputs[start : start + BATCH] for start in range(0, len(inputs), BATCH)]


def needed(package: str, extra: str) -> Any:
    """A package that only some users have.

    Raises:
        UnusableError: It is not installed.
    """
    try:
        return import_module(package)
    except ImportError:
        raise UnusableError(f"the package `{package}` is not installed", install_command(extra)) from None
