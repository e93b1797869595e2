"""The label, the margin and the radius of an export, held against what is proved of its weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.sample_radii import Semantics, sample_radii
from lipbuild.errors import RefusedError
from lipbuild.exporting.proof import Proof
from lipbuild.runtimes.runtime import Outputs

# Two logits that are closer than this may change places between runtimes.
_CLOSE = 1e-4


def check_radii(
    name: str, found: Outputs, inputs: NDArray[np.float32], proof: Proof, semantics: Semantics = "real"
) -> None:
    """Let an export through whose radii are at most those that are proved in float64, its rounding subtracted.

    Args:
        name: The format or the kernels, for the message.
        found: The export's outputs on the inputs.
        inputs: The inputs, of which some may not be finite: nothing may be said of these.
        proof: What is proved of the file's own weights.
        semantics: What the radii are about.

    Raises:
        RefusedError: A radius is greater, or not a number, or a label or a margin is another one.
    """
    assert proof.certified is not None
    radius, label = found["radius"].astype(np.float64), found["label"]
    finite = np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)
    logits = proof.certified.logits(np.where(finite.reshape(-1, *[1] * (inputs.ndim - 1)), inputs, 0.0))
    proved = np.where(finite, sample_radii(logits, proof.certified.head, semantics), 0.0)
    beyond = ~(radius <= proved) | ~(radius >= 0.0)
    if beyond.any():
        i = int(np.argmax(beyond))
        raise RefusedError(
            f"the {name} export gives the radius {radius[i]:.9g} where {proved[i]:.9g} is proved: nothing was "
            "exported"
        )
    none = label == -1
    if (
        (~finite & ~none).any()
        or (found["certified"] != (radius > 0.0)).any()
        or (none & (radius > 0.0)).any()
    ):
        raise RefusedError(
            f"the {name} export gives a label or a radius where there is none: nothing was exported"
        )
    values = logits.values
    margins, scale = logits.margins, _CLOSE * np.maximum(1.0, np.abs(values).max(axis=1))
    wrong = (label != logits.labels) & (margins > scale)
    off = ~(np.abs(found["margin"].astype(np.float64) - margins) <= scale)
    if (~none & (wrong | off)).any() or (found["margin"][none] != 0.0).any():
        raise RefusedError(f"the {name} export gives another label or margin: nothing was exported")


def check_labelled(name: str, found: Outputs) -> None:
    """Let an export through that has a label for each of its data.

    Raises:
        RefusedError: It has none for one.
    """
    if (np.asarray(found["label"], np.int64) < 0).any():
        raise RefusedError(
            f"the {name} export has no label for some of the data, whose norm is beyond what is certified",
            "leave out `--with-radius`",
        )
