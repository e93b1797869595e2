"""The label, the margin and the radius of an export, held against what is proved in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.inference import forward
from lipbuild.certifying.sample_radii import sample_radii
from lipbuild.errors import RefusedError
from lipbuild.exporting.proof import Proof
from lipbuild.runtimes.runtime import Outputs

# Two logits that are closer than this may change places between runtimes.
_CLOSE = 1e-4


def check_radii(name: str, found: Outputs, inputs: NDArray[np.float32], proof: Proof) -> None:
    """Let an export through whose radii are at most those of its weights' function in exact arithmetic.

    Args:
        name: The format, for the message.
        found: The export's outputs on the inputs.
        inputs: The inputs.
        proof: What is proved of the file's own weights.

    Raises:
        RefusedError: A radius is greater, or not a number, or a label or a margin is another one.
    """
    assert proof.certified is not None
    values = forward(proof.certified.network, inputs)
    exact = np.zeros(len(values))
    logits = BoundedLogits(values, exact, exact, 0.0, exact)
    proved = sample_radii(logits, proof.certified.head)
    radius = found["radius"].astype(np.float64)
    beyond = ~(radius <= proved)
    if beyond.any():
        i = int(np.argmax(beyond))
        raise RefusedError(
            f"the {name} export gives the radius {radius[i]:.9g} where {proved[i]:.9g} is proved: nothing was "
            "exported"
        )
    margins, scale = logits.margins, _CLOSE * np.maximum(1.0, np.abs(values).max(axis=1))
    wrong = (found["label"] != logits.labels) & (margins > scale)
    if wrong.any() or not (np.abs(found["margin"].astype(np.float64) - margins) <= scale).all():
        raise RefusedError(f"the {name} export gives another label or margin: nothing was exported")
