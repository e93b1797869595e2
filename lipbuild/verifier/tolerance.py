"""How far the outputs move while some columns stay within their tolerances."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exact_slopes import exact_changes_of_nodes, root_up
from lipbuild.verifier.floats import Array, U, at_most, gamma, norm, root_of_squares
from lipbuild.verifier.model import Model
from lipbuild.verifier.radii import read_by_head
from lipbuild.verifier.slopes import Spans, changes_of_nodes
from lipbuild.verifier.statement import number, numbers, part

# What a column counts for at least, of the one that counts most.
_LEAST_SHARE = 1e-6


def check_tolerance(
    model: Model,
    gains: Mapping[str, float],
    spans: Spans,
    predicate: Mapping[str, Any],
    *,
    exact: bool = False,
) -> None:
    """Both bounds follow from how the outputs change where one column moves by its tolerance.

    In the box |x_i − x_0i| <= t_i one column after the other moves by no more than its tolerance. In the ellipsoid the
    input moves by Σ u_i t_i e_i with ‖u‖ at most what is stated for. The box lies in the ellipsoid of the sizes
    t_i / s_i with ‖u‖ at most ‖s‖, for any s > 0.

    Args:
        model: The model.
        gains: a proved constant of each node on one input.
        spans: Proved constants from one node to another.
        predicate: What is stated.
        exact: Whether it is proved in integers.

    Raises:
        RefusedError: If less is stated than is proved, or it is no statement about columns.
        UnreadableError: If python-flint is needed and not installed.
    """
    stated = part(predicate, "tolerance", "tolerance")
    shape, outputs = model.shapes[model.input.name], model.shapes[model.output]
    if len(shape) != 1 or len(outputs) != 1:
        raise RefusedError("tolerance", f"is stated of a map from {shape} to {outputs}, which has no columns")
    places = stated.get("places")
    known = isinstance(places, list) and all(type(p) is int and 0 <= p < shape[0] for p in places)
    if not isinstance(places, list) or not known or not places or len(set(places)) < len(places):
        raise RefusedError("tolerance", f"`places` is {places!r:.60}, and the model has {shape[0]} inputs")
    sizes = numbers(stated, "sizes", "tolerance", (len(places),))
    prove = exact_changes_of_nodes if exact else changes_of_nodes
    more = 1 if exact else 1.0 + gamma(len(places) + 4)

    def along(each: Array) -> Mapping[str, Any]:
        directions = np.zeros((len(places), shape[0]))
        directions[np.arange(len(places)), places] = each
        return prove(model, gains, spans, directions, whole=True)

    alone, source = along(sizes), read_by_head(model)
    movements = {name: alone[name].norms.sum() * more for name in (model.output, source)}
    if len(places) > 1:
        last = [one for one in alone.values() if one.linear][-1]
        balanced = _balanced(sizes, last.norms.astype(np.float64))
        stretch, together = _stretch(sizes, balanced, exact=exact), along(balanced)
        movements = {
            name: min(most, stretch * together[name].whole * more) for name, most in movements.items()
        }
    box = np.minimum(alone[model.output].greatest.sum(axis=0) * more, movements[model.output])
    if not at_most(box, numbers(stated, "box", "tolerance", (outputs[0],))).all():
        raise RefusedError("tolerance", "an output may move by more than is stated of the box")
    if not at_most(movements[source], number(stated, "rest", "tolerance")):
        raise RefusedError(
            "tolerance", "what the last layer reads may move by more than is stated of the box"
        )
    if not at_most(alone[model.output].whole, number(stated, "ellipsoid", "tolerance")):
        raise RefusedError("tolerance", "the outputs may move by more than is stated of the ellipsoid")


def _balanced(sizes: Array, norms: Array) -> Array:
    """The sizes of an ellipsoid in which what is affine in the input moves by as much with each column."""
    balanced = np.asarray(sizes / np.maximum(norms, _LEAST_SHARE * norms.max()), np.float64)
    return balanced if bool((np.isfinite(balanced) & (balanced > 0.0)).all()) else sizes


def _stretch(sizes: Array, balanced: Array, *, exact: bool) -> float | Fraction:
    """A bound of ‖s‖₂ for the shares s = sizes / balanced: the box of the sizes is in that ellipsoid times as large."""
    if exact:
        squares = ((Fraction(t) / Fraction(w)) ** 2 for t, w in zip(sizes, balanced, strict=True))
        return root_up(sum(squares, Fraction(0)))
    return float(root_of_squares(sizes / balanced)) * (1.0 + gamma(len(sizes) + 8))


def furthest_within(predicate: Mapping[str, Any]) -> float:
    """An upper bound of the L2 norm of the stated tolerances: how far an input may move within them."""
    stated = part(predicate, "tolerance", "tolerance")
    sizes = numbers(stated, "sizes", "tolerance", (len(stated["places"]),))
    return norm(sizes)


def pairs_of(predicate: Mapping[str, Any], distances: Array) -> Array:
    """How far the difference of two outputs moves at most in the box.

    By no more than both outputs do, and by no more than what the last layer reads times the distance of its columns.

    Args:
        predicate: What is stated, its `tolerance` proved.
        distances: Those of a head.
    """
    stated = part(predicate, "tolerance", "tolerance")
    box = numbers(stated, "box", "tolerance", (len(distances),))
    # Each is rounded once.
    pairs = np.minimum(box[:, None] + box, distances * number(stated, "rest", "tolerance")) * (1.0 + 4.0 * U)
    return np.asarray(pairs, np.float64)


def check_kept(predicate: Mapping[str, Any], distances: Array, z: Array, e: Array) -> None:
    """Each sample that is said to keep its class within the box does: no other output can reach its own.

    Args:
        predicate: What is stated, its `tolerance` proved.
        distances: Those of the head.
        z: The logits in float64.
        e: How far each sample's may be from the exact ones.

    Raises:
        RefusedError: Naming the first sample of which that is not proved.
    """
    kept = part(predicate, "samples", "samples").get("within_tolerance")
    if not isinstance(kept, list) or len(kept) != len(z) or not all(type(one) is bool for one in kept):
        raise RefusedError("samples", "`within_tolerance` does not say yes or no of each sample")
    if z.shape[1] == 1:
        box = numbers(part(predicate, "tolerance", "tolerance"), "box", "tolerance", (1,))
        margins, needed = np.abs(z), box + e[:, None]
    else:
        classes = np.argmax(z, axis=1)
        margins = np.take_along_axis(z, classes[:, None], 1) - z
        needed = pairs_of(predicate, distances)[classes] + 2.0 * e[:, None]
    # Each number is rounded a few times, relative to itself; a tie keeps nothing.
    fine = at_most(needed * (1.0 + 2.0**-40), margins * (1.0 - 2.0**-40)) & (margins > 0.0)
    if z.shape[1] > 1:
        np.put_along_axis(fine, classes[:, None], True, 1)
    wrong = np.asarray(kept) & ~(fine.all(axis=1) & np.isfinite(e))
    if wrong.any():
        sample = int(np.argmax(wrong))
        raise RefusedError(f"sample {sample}", "is not proved to keep its class within the tolerances")
