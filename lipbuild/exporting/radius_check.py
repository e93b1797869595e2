"""The label, the margin and the radius of an export, held against what is proved of its weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.rounding import down, mul_up, up
from lipbuild.certifying.sample_radii import Semantics, sample_radii
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.errors import RefusedError
from lipbuild.exporting.proof import Proof
from lipbuild.runtimes.runtime import Outputs

# Two logits that are closer than this may change places between runtimes.
_CLOSE = 1e-4
# The ends of an interval where nothing is certified are beyond this.
_NOTHING = 2.0**127


def check_radii(
    name: str,
    found: Outputs,
    inputs: NDArray[np.float32],
    proof: Proof,
    semantics: Semantics = "real",
    tolerances: Sequence[Tolerance] = (),
) -> None:
    """Let an export through whose radii are at most those that are proved in float64, its rounding subtracted.

    Args:
        name: The format or the kernels, for the message.
        found: The export's outputs on the inputs.
        inputs: The inputs, of which some may not be finite: nothing may be said of these.
        proof: What is proved of the file's own weights.
        semantics: What the radii are about.
        tolerances: By how much columns may be off.

    Raises:
        RefusedError: A radius is greater, or not a number, or a label, a margin or what is said of tolerances is
            another one.
    """
    assert proof.certified is not None
    radius, label = found["radius"].astype(np.float64), found["label"]
    finite, logits = _proved(proof, inputs)
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

    if tolerances:
        kept = finite & proof.certified.within(tolerances).keeps_class(logits)
        if (np.asarray(found["within_tolerance"], np.bool_) & ~(kept & ~none)).any():
            raise RefusedError(
                f"the {name} export says of a class that it stays within the tolerances, which is not proved: nothing "
                "was exported"
            )


def check_intervals(
    name: str,
    found: Outputs,
    inputs: NDArray[np.float32],
    proof: Proof,
    radius: float,
    tolerances: Sequence[Tolerance] = (),
) -> None:
    """Let an export through whose intervals hold those that are proved in float64.

    Args:
        name: The format or the kernels, for the message.
        found: The export's outputs on the inputs.
        inputs: The inputs, of which some may not be finite: nothing may be said of these.
        proof: What is proved of the file's own weights.
        radius: How far an input may move.
        tolerances: By how much columns may be off.

    Raises:
        RefusedError: An interval is narrower, or stated where there is none.
    """
    assert proof.certified is not None
    certified = np.asarray(found["certified"], np.bool_)
    finite, values = _proved(proof, inputs)
    moved = {"": np.full(values.values.shape[1], mul_up(proof.certified.lipschitz, radius))}
    if tolerances:
        moved["_in_tolerance"] = proof.certified.within(tolerances).box
    for ends, most in moved.items():
        low, high = (found[f"{end}{ends}"].astype(np.float64) for end in ("low", "high"))
        half = up(most + values.error64[:, None])
        holds = (low <= down(values.values - half)) & (high >= up(values.values + half))
        nothing = (low <= -_NOTHING) & (high >= _NOTHING)
        if not np.where(certified, finite & holds.all(axis=1), nothing.all(axis=1)).all():
            raise RefusedError(
                f"the {name} export gives an interval that is narrower than what is proved: nothing was exported"
            )


def _proved(proof: Proof, inputs: NDArray[np.float32]) -> tuple[NDArray[np.bool_], BoundedLogits]:
    """Which inputs are finite, and what is proved of the results of these; of 0 in place of the others."""
    assert proof.certified is not None
    finite = np.asarray(np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1), np.bool_)
    return finite, proof.certified.logits(np.where(finite.reshape(-1, *[1] * (inputs.ndim - 1)), inputs, 0.0))


def check_certified(name: str, found: Outputs) -> None:
    """Let an export through that has a label, or an interval, for each of its data.

    Raises:
        RefusedError: It has none for one.
    """
    there = (
        np.asarray(found["label"], np.int64) >= 0
        if "label" in found
        else np.asarray(found["certified"], np.bool_)
    )
    if not there.all():
        raise RefusedError(
            f"the {name} export certifies nothing of some of the data, whose norm is beyond what is certified",
            "leave out `--with-radius`",
        )
