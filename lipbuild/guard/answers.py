"""Labels that no rounding contradicts, whatever serves float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.rounding import down
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.sample_radii import sample_radii
from lipbuild.errors import RefusedError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What a guard says of each input. Nothing of it is contradicted by the function in exact arithmetic.

    Attributes:
        labels: (samples,), the class; −1 where it abstains.
        margins: (samples,), the largest logit less the second, or |f| for a single logit.
        radii: (samples,), within which the class cannot change; 0 where it abstains.
        recomputed: (samples,), where float32 could not decide, and float64 was asked.
        logits: (samples, outputs), in float64 where it was asked.
    """

    labels: NDArray[np.int64]
    margins: Array
    radii: Array
    recomputed: NDArray[np.bool_]
    logits: Array

    @property
    def abstained(self) -> NDArray[np.bool_]:
        """Where no class is given: float64 cannot decide either, or the input was rounded across a boundary."""
        return np.asarray(self.labels < 0, np.bool_)


def bounded(
    certified: CertifiedNetwork, x: NDArray[np.float32], served: NDArray[np.generic]
) -> BoundedLogits:
    """Logits that were served in float32, with the bounds of their error that follow from the norms of the inputs.

    Args:
        certified: The network whose logits they are.
        x: The inputs.
        served: (samples, outputs), the logits.
    """
    values = served.astype(np.float64)
    # Beyond float32 the error is infinite anyway, and what is served says nothing.
    values = np.where(np.isfinite(values).all(axis=1, keepdims=True), values, 0.0)
    norms = norms_up(x.astype(np.float64))
    error = certified.error32_within(norms)
    return BoundedLogits(values, error, error, certified.slope32, certified.room32(norms))


def guarded_answers(
    certified: CertifiedNetwork,
    float32_logits: Callable[[NDArray[np.float32]], BoundedLogits],
    inputs: ArrayLike,
    *,
    full_radii: bool = False,
) -> Answers:
    """Labels that no rounding contradicts, whatever serves float32.

    Args:
        certified: The network with its proved constants.
        float32_logits: What is served, with the bounds of its error.
        inputs: (samples, *shape). What is not float32 is rounded to it, and the distance to that is taken off the
            radius.
        full_radii: Whether float64 is asked for every input, which makes radii a little larger.

    Raises:
        RefusedError: The inputs have another shape, or are not finite.
    """
    given = _checked(certified, inputs)
    x = given.astype(np.float32)
    moved = norms_up(given - x)
    served = float32_logits(x)
    undecided = np.ones(len(x), np.bool_) if full_radii else ~served.decided
    values, labels = served.values.copy(), served.labels.copy()
    margins, radii = served.margins.copy(), sample_radii(served, certified.head)
    rows = np.flatnonzero(undecided)
    if len(rows):
        again = certified.logits(x[rows])
        values[rows], margins[rows] = again.values, again.margins
        labels[rows] = np.where(again.decided, again.labels, -1)
        radii[rows] = sample_radii(again, certified.head)
    # Where the input itself had to move further than the class is certain, nothing is.
    radii = np.where(moved > 0.0, np.maximum(down(radii - moved), 0.0), radii)
    labels = np.where((moved > 0.0) & (radii == 0.0), -1, labels)
    return Answers(labels, margins, np.where(labels < 0, 0.0, radii), ~served.decided, values)


def _checked(certified: CertifiedNetwork, inputs: ArrayLike) -> Array:
    shape = tuple(certified.network.nodes[0].parameters["shape"])
    given = np.asarray(inputs)
    if given.dtype.kind not in "fiub" or given.dtype.itemsize > 8:
        raise RefusedError(f"inputs of type {given.dtype.name}, and numbers are needed")
    if given.shape[1:] != shape:
        raise RefusedError(f"an input has the shape {given.shape[1:]}, and the network takes {shape}")
    given = given.astype(np.float64)
    finite = np.isfinite(given.reshape(len(given), -1)).all(axis=1) if len(given) else np.ones(0, np.bool_)
    if not finite.all():
        raise RefusedError(f"input {int(np.argmin(finite))} holds a value that is NaN or infinite")
    return given
