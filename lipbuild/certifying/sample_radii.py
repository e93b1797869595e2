"""Certified radii of samples, in each of the semantics that a radius may have.

`real`: within the radius the class of the function in exact arithmetic does not change. `float32`: within the
radius the class that is served in float32 does not change, whatever the order of its sums. `guarded`: the
class that is served behind a guard (see `lipbuild.guarded`) is that of the function in exact
arithmetic, so the `real` radius holds for it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lipbuild.certifying.bounded_logits import Array, BoundedLogits
from lipbuild.certifying.bounds.rounding import up
from lipbuild.certifying.head import Head
from lipbuild.certifying.radii import binary_radii, targeted_radii

Semantics = Literal["real", "float32", "guarded"]
SEMANTICS: tuple[Semantics, ...] = ("real", "float32", "guarded")


def sample_radii(
    logits: BoundedLogits, head: Head, semantics: Semantics = "real", *, source: ArrayLike | None = None
) -> Array:
    """The certified radius of each sample's class, rounded down; 0 for a tie.

    For several logits min_j (z_i − z_j − 2e)/(‖w_i − w_j‖·Λ), for a single one (|f| − e)/Λ, with e the error of
    rounding. In `float32` semantics e grows with the perturbation, which adds its slope to the denominators.

    Args:
        logits: The logits.
        head: What turns their differences into distances.
        semantics: What the radius is one of.
        source: (samples,), the classes that must not change; the predicted ones where left out.

    Returns:
        (samples,); infinite where nothing can change a class.
    """
    if not logits.single:
        return np.asarray(
            sample_targeted_radii(logits, head, semantics, source=source).min(axis=1), np.float64
        )
    error, rest = _error(logits, semantics), head.rest
    if semantics == "float32":
        rest = float(up(np.asarray(rest + logits.slope32)))
    radii = binary_radii(logits.values, rest, error=error)
    if source is not None:
        radii = np.where(np.asarray(source) == logits.labels, radii, 0.0)
    return np.minimum(radii, logits.room32) if semantics == "float32" else radii


def sample_targeted_radii(
    logits: BoundedLogits, head: Head, semantics: Semantics = "real", *, source: ArrayLike | None = None
) -> Array:
    """The radius within which a sample's class cannot become each other one, rounded down.

    Args:
        logits: The logits, several.
        head: What turns their differences into distances.
        semantics: What the radius is one of.
        source: (samples,), the classes that must not change; the predicted ones where left out.

    Returns:
        (samples, classes), infinite at the class itself and where nothing can change the difference.
    """
    distances, rest = head.distances, head.rest
    if semantics == "float32":
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.where(distances > 0.0, up(distances * rest), 0.0)
            distances, rest = up(scaled + 2.0 * logits.slope32), 1.0
        distances = np.where(np.isnan(distances), np.inf, distances)
    radii = targeted_radii(logits.values, distances, rest, error=_error(logits, semantics), source=source)
    return np.minimum(radii, logits.room32[:, None]) if semantics == "float32" else radii


def _error(logits: BoundedLogits, semantics: Semantics) -> Array:
    return up(logits.error64 + logits.error32) if semantics == "float32" else logits.error64
