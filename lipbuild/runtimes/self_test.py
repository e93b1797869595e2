"""What an exported file answers to two inputs that everybody can make again, and whether it still does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError
from lipbuild.runtimes.runtime import Outputs, Predict

# The multiples of it fill [0, 1] evenly.
_GOLDEN = 0.6180339887498949
_SAMPLES = 2
# How many numbers of an output are kept.
_MOST = 100
# What runtimes may differ by: relative to the largest number of an output, which is at least 1.
_TOLERANCE = 1e-4
# A label may change where two logits are equal; it follows from the others.
_LEFT_OUT = "label"


def inputs_of_test(shape: Sequence[int]) -> NDArray[np.float32]:
    """The two inputs: fractional parts of i/φ for i = 1, 2, …, and those of the second as numbers in [−1, 1].

    Args:
        shape: The shape of one sample.
    """
    values = (np.arange(1, _SAMPLES * math.prod(shape) + 1, dtype=np.float64) * _GOLDEN) % 1.0
    first, second = values.reshape(_SAMPLES, *shape)
    return np.stack([first, 2.0 * second - 1.0]).astype(np.float32)


def self_test(shape: Sequence[int], outputs: Outputs) -> dict[str, Any]:
    """What a file says of itself so that it can be tested.

    Args:
        shape: The shape of one sample.
        outputs: What it should answer to `inputs_of_test`.
    """
    return {
        "shape": list(shape),
        "outputs": {
            name: [[float(v) if math.isfinite(v) else None for v in row] for row in _rows(values).tolist()]
            for name, values in outputs.items()
            if name != _LEFT_OUT
        },
    }


def check_self_test(metadata: Mapping[str, Any], predict: Predict) -> None:
    """Let a file through that answers as it did when it was exported.

    So its weights, and the constants that its radius rests on, are those that the gate has seen, and the runtime here
    computes what the runtime there did. Whoever changes a file's weights and its metadata too is not noticed: that is
    what `lipbuild verify` is for.

    Args:
        metadata: What the file says of itself.
        predict: Runs it.

    Raises:
        RefusedError: It answers something else, or does not say what it should.
    """
    stated = metadata.get("self_test")
    # A file that computes with 8-bit numbers claims no radius.
    if (
        stated is None
        and metadata.get("quantization", "none") != "none"
        and "radius" not in metadata["outputs"]
    ):
        return
    if stated is None:
        raise RefusedError(
            "its metadata have no test answer, so it cannot be tested",
            "export it again with `lipbuild export`",
        )
    found = predict(inputs_of_test(stated["shape"]))
    for name in sorted({*metadata["outputs"], *found} - {*stated["outputs"], _LEFT_OUT}):
        raise RefusedError(
            f"its metadata have no test answer for its output `{name}`, so it cannot be tested",
            "export it again with `lipbuild export`",
        )
    for name, rows in stated["outputs"].items():
        if name not in found:
            raise RefusedError(f"it has no output `{name}`, which it says that it has")
        expected = np.array(rows, np.float64)
        answered = _rows(found[name])
        if expected.shape != answered.shape:
            raise RefusedError(f"its output `{name}` has another shape than it says that it has")
        finite = np.isfinite(expected)
        differences = np.abs(np.where(finite, answered, 0.0) - np.where(finite, expected, 0.0))
        allowed = _TOLERANCE * max(1.0, float(np.abs(expected[finite]).max(initial=0.0)))
        # Not a number is not below either.
        if not (differences <= allowed).all() or np.isfinite(answered[~finite]).any():
            raise RefusedError(
                f"its output `{name}` for a test input differs from that of the export: its weights were "
                "changed, or this runtime does not compute in float32",
                "export it again with `lipbuild export`",
            )


def _rows(values: NDArray[np.generic]) -> NDArray[np.float64]:
    return values.astype(np.float64).reshape(len(values), -1)[:, :_MOST]
