from __future__ import annotations

import hashlib

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.training.distribution.distribution import Distribution


def check_agreement(distribution: Distribution, **parts: str) -> None:
    """Let a training start if all its processes were given the same.

    Args:
        distribution: The processes.
        **parts: What has to be the same, by what it is called in the message.

    Raises:
        RefusedError: One of them was given something else, in every process.
    """
    for name, text in parts.items():
        own = np.frombuffer(hashlib.sha256(text.encode()).digest()[:7] + b"\0", np.int64)
        (chiefs,) = distribution.from_chief([own])
        differs = not np.array_equal(own, chiefs)
        if distribution.anywhere(differs):
            here = "this worker's" if differs else "another worker's"
            raise RefusedError(
                f"{here} {name} is not the chief's",
                "start every process with the same config, the same options and the same data",
            )
