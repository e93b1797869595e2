from __future__ import annotations

import hashlib

import numpy as np

from lipbuild.data.part import Part

_SAMPLES = 64


def fingerprint(part: Part) -> str:
    """What tells a part of the data from other data: a digest of all its targets and of its first inputs.

    What is mixed in counts as well.

    It does not take long, however much data there is, and finds another file, another split and another order. It
    does not find a change in one of the later inputs.
    """
    digest = hashlib.sha256()
    inputs = next(iter(part.batches(min(_SAMPLES, len(part)))))[0]
    mixed = [np.asarray(part.mixed.targets)] if part.mixed is not None else []
    for array in (np.asarray(part.targets), *mixed, np.asarray(inputs)):
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
