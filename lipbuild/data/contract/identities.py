from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.contract.key import Key
from lipbuild.data.features import Features
from lipbuild.data.labels import Targets

# A digest in 16 bytes. NumPy pads with zeros where it compares, so that equal means equal.
Digests = NDArray[np.bytes_]
DIGEST = np.dtype("S16")
_PERSON = b"lipbuild.data"
# About how many values are digested at a time.
_VALUES = 8_000_000


@dataclass(frozen=True)
class Identities:
    """What tells each sample of a data set from others, in the order of the source.

    Attributes:
        key: What the digests were made with.
        values: A digest of the sample's values alone.
        samples: A digest of its values and the name of its label.
    """

    key: Key
    values: Digests
    samples: Digests

    def followed_by(self, others: Identities) -> Identities:
        """These samples, and then others."""
        values, samples = (
            np.concatenate(pair) for pair in ((self.values, others.values), (self.samples, others.samples))
        )
        return Identities(self.key, values, samples)


def identify(features: Features, labels: Sequence[bytes], key: Key) -> Identities:
    """Digest every sample, in one pass and a few samples at a time.

    A digest is BLAKE2b with a key, in 16 bytes, of the type and the shape as JSON, of the values as the network is
    given them before preprocessing (float32, little-endian, −0 as 0), and of a zero byte and the label.

    Args:
        features: The inputs.
        labels: What stands for the label of each: see `label_bytes`.
        key: The key.

    Raises:
        RefusedError: A sample cannot be read.
    """
    shape = features.shape
    start = hashlib.blake2b(digest_size=DIGEST.itemsize, key=key.secret, person=_PERSON)
    start.update(json.dumps(["float32", list(shape)]).encode())
    values, samples = np.empty(len(features), DIGEST), np.empty(len(features), DIGEST)
    size = max(1, _VALUES // max(1, int(np.prod(shape))))
    for first in range(0, len(features), size):
        numbers = np.arange(first, min(first + size, len(features)))
        rows = np.asarray(features.take(numbers).reshape(len(numbers), -1) + np.float32(0.0), "<f4", "C")
        for number, row in zip(numbers.tolist(), rows):
            digest = start.copy()
            digest.update(row)
            values[number] = digest.digest()
            digest.update(b"\0" + labels[number])
            samples[number] = digest.digest()
    return Identities(key, values, samples)


def label_bytes(targets: Targets) -> list[bytes]:
    """What stands for each label: the name of its class, or the numbers of a regression in float32."""
    if targets.class_names:
        names = [name.encode() for name in targets.class_names]
        return [names[code] for code in targets.values.astype(np.int64).tolist()]
    return [row.tobytes() for row in np.asarray(targets.values, "<f4")]


def mixed_labels(labels: Sequence[bytes]) -> list[bytes]:
    """What stands for the labels of samples that are mixed in: such a sample is none of the first source."""
    return [label + b"\0mixed" for label in labels]
