"""The label, the margin and the radius of an export, held against what is proved in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.certificate import predictions_of, radii_of
from lipbuild.certify.composition import compose
from lipbuild.certify.head import head_of
from lipbuild.certify.inference import forward
from lipbuild.errors import RefusedError
from lipbuild.export.format import Outputs
from lipbuild.export.proof import Proof

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
    assert proof.network is not None
    logits = forward(proof.network, inputs)
    head = head_of(proof.network, compose(proof.network, proof.gains))
    proved = radii_of(logits, head, 0.0)
    radius = found["radius"].astype(np.float64)
    beyond = ~(radius <= proved)
    if beyond.any():
        i = int(np.argmax(beyond))
        raise RefusedError(
            f"the {name} export gives the radius {radius[i]:.9g} where {proved[i]:.9g} is proved: nothing was "
            "exported"
        )
    ordered = np.sort(np.abs(logits) if logits.shape[1] == 1 else logits, axis=1)
    margin = ordered[:, -1] - (ordered[:, -2] if logits.shape[1] > 1 else 0.0)
    scale = _CLOSE * np.maximum(1.0, np.abs(logits).max(axis=1))
    wrong = (found["label"] != predictions_of(logits)) & (margin > scale)
    if wrong.any() or not (np.abs(found["margin"].astype(np.float64) - margin) <= scale).all():
        raise RefusedError(f"the {name} export gives another label or margin: nothing was exported")
