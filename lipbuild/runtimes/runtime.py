from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import UnusableError
from lipbuild.missing import install_command

Outputs = dict[str, NDArray[np.generic]]
Predict = Callable[[NDArray[np.float32]], Outputs]

# How many samples a runtime is given at once.
BATCH = 256


def in_batches(one: Predict, inputs: NDArray[np.float32], size: int = BATCH) -> Outputs:
    """The outputs for any number of samples; of none as many rows.

    Args:
        one: Computes a batch. It is never given an empty one, which not every runtime takes.
        inputs: The samples.
        size: How many samples a batch has at most.
    """
    if not len(inputs):
        sizes = [size or 1 for size in inputs.shape[1:]]
        return {name: values[:0] for name, values in one(np.zeros((1, *sizes), np.float32)).items()}
    parts = [one(inputs[start : start + size]) for start in range(0, len(inputs), size)]
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def needed(package: str, extra: str) -> Any:
    """A package that only some users have.

    Raises:
        UnusableError: It is not installed.
    """
    try:
        return import_module(package)
    except ImportError:
        raise UnusableError(f"the package `{package}` is not installed", install_command(extra)) from None
