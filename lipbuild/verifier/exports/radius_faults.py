"""What in the radius that a file computes does not follow from its weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lipbuild.verifier.exports.radius_head import Kept, RadiusHead
from lipbuild.verifier.exports.within import ROUNDED, ErrorLine, error_line
from lipbuild.verifier.floats import SLACK, Array, at_most
from lipbuild.verifier.model import Model
from lipbuild.verifier.radii import least_head
from lipbuild.verifier.statement import numbers, part
from lipbuild.verifier.tolerance import furthest_within, pairs_of

_LARGEST = 2.0**64


def faults_of(
    head: RadiusHead,
    model: Model,
    gains: Mapping[str, float],
    constants: Mapping[str, float],
    predicate: Mapping[str, Any],
) -> Iterator[str]:
    """What in a head does not follow from the weights.

    Args:
        head: The head.
        model: What computes the logits.
        gains: A proved constant of each node on one input.
        constants: A proved constant of each node with respect to the input.
        predicate: What the statement says, which has been proved.
    """
    least = least_head(model, constants)
    if head.inverse.shape != least.distances.shape:
        yield f"the distances are of {head.inverse.shape}, and those of {least.distances.shape} are needed"
        return
    products = head.inverse * least.distances * least.rest * SLACK
    if len(products) > 1:
        np.fill_diagonal(products, 0.0)
    if not (at_most(products, 1.0 - ROUNDED) & (head.inverse >= 0.0) & (head.inverse <= _LARGEST)).all():
        yield "a difference of logits is divided by less than the distance that the weights ask for"
    line = error_line(model, gains, constants, head.measured, _furthest(head, predicate))
    if not isinstance(line, ErrorLine):
        yield line
        return
    for slope, offset in head.errors:
        if not line.is_at_most(slope, offset):
            yield (
                f"the error of float32 is taken to be {slope:.6g} · ‖x‖ + {offset:.6g}, and "
                f"{line.slope:.6g} · ‖x‖ + {line.offset:.6g} is proved"
            )
    if head.kept is not None:
        yield from _faults_of_kept(head, head.kept, least.distances, line, predicate)


def _furthest(head: RadiusHead, predicate: Mapping[str, Any]) -> float:
    """How far within the tolerances an input may be that float32 has to compute too."""
    return furthest_within(predicate) if head.kept is not None and head.semantics == "float32" else 0.0


def _faults_of_kept(
    head: RadiusHead, kept: Kept, distances: Array, line: ErrorLine, predicate: Mapping[str, Any]
) -> Iterator[str]:
    """Whether a class that is said to stay does: no difference of logits moves by more than is proved of the box."""
    own = line if head.semantics == "real" else line.at_both_ends(furthest_within(predicate))
    if len(distances) == 1:
        own = own.plus(float(numbers(part(predicate, "tolerance", "tolerance"), "box", "tolerance", (1,))[0]))
    else:
        needed = pairs_of(predicate, distances) * (1.0 + ROUNDED)
        np.fill_diagonal(needed, 0.0)
        if kept.boxes.shape != needed.shape or not at_most(needed, kept.boxes).all():
            yield "a class is taken to stay within the tolerances though its logits may meet"
    if not own.is_at_most(kept.slope, kept.offset):
        yield "the error of float32 within the tolerances is taken to be less than is proved"
