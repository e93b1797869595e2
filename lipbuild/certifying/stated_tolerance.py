"""How far the outputs move while columns stay within their tolerances, as a certificate states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import Array, BoundedLogits
from lipbuild.certifying.bounds.frobenius import frobenius_up
from lipbuild.certifying.bounds.rounding import gamma, mul_up, up
from lipbuild.certifying.head import head_distances
from lipbuild.certifying.network import Network
from lipbuild.certifying.slopes import Slopes, Spans, slopes_of_nodes
from lipbuild.errors import RefusedError

# For another program's roundings; see `stated_columns`.
_ROOM = 1.0 + 2.0**-33
# What a column counts for at least, of the one that counts most.
_LEAST_SHARE = 1e-6
# Margins are compared with this room on both sides, and a verifier may count twice the error of the logits.
_ROOM_OF_MARGINS, _ROOM_OF_ERRORS = 2.0**-30, 2.0 + 2.0**-12


@dataclass(frozen=True)
class Tolerance:
    """By how much a column may be off.

    Attributes:
        column: Its name.
        place: Its place in the input.
        size: By how much, above 0.
    """

    column: str
    place: int
    size: float


@dataclass(frozen=True)
class ToleranceBounds:
    """How far the outputs move while the columns with a tolerance do and all others are held fixed.

    Attributes:
        tolerances: The tolerances.
        box: (outputs,), how far each output moves at most while |x_i − x_0i| <= t_i for each column.
        rest: How far what the last dense layer reads moves at most there (L2); see `head_distances`.
        pairs: (outputs, outputs), how far the difference of two outputs moves at most there.
        ellipsoid: How far all outputs move at most (L2) for each unit of ‖(x − x_0)/t‖₂.
    """

    tolerances: tuple[Tolerance, ...]
    box: Array
    rest: float
    pairs: Array
    ellipsoid: float

    @classmethod
    def of(
        cls, network: Network, gains: Mapping[str, float], spans: Spans, tolerances: Sequence[Tolerance]
    ) -> ToleranceBounds:
        """Σ_i S_oi·t_i, and the norm of the network in the scaled columns alone: of its first map, times the rest.

        A difference of two outputs moves no further than both do, and by no more than the distance of their weights
        times the movement of what these read. The movement of a node in the box is at most Σ_i of those by each column,
        and, by Cauchy and Schwarz, at most ‖s‖₂ times that in the ellipsoid of the sizes t/s, for any s > 0.

        Args:
            network: The network.
            gains: An upper bound of the constant of each operation on one input.
            spans: Sources, targets and upper bounds of the constants of spans.
            tolerances: At least one.

        Raises:
            RefusedError: The input or the output is not a vector, or a bound is beyond float64.
        """
        shape = network.nodes[0].parameters["shape"]
        if len(shape) != 1:
            raise RefusedError(f"the input has the shape {tuple(shape)}, which has no columns")
        distances, source = head_distances(network)
        sizes = np.array([tolerance.size for tolerance in tolerances])

        def along(sizes: Array) -> dict[str, Slopes]:
            directions = np.zeros((len(tolerances), shape[0]))
            directions[np.arange(len(tolerances)), [one.place for one in tolerances]] = sizes
            return slopes_of_nodes(network, gains, spans, directions)

        alone = along(sizes)
        found, counted = alone[network.output], 1.0 + gamma(len(tolerances) + 2)
        movements = {name: float(up(alone[name].norms.sum() * counted)) for name in (network.output, source)}
        if len(tolerances) > 1:
            # By what the first layers make of each column.
            last = [one for one in alone.values() if one.affine][-1]
            balanced, stretch = _balanced(sizes, last.norms)
            together = along(balanced)
            movements = {
                name: min(most, mul_up(stretch, together[name].joint)) for name, most in movements.items()
            }
        sums = found.magnitudes.sum(axis=0) * counted
        box = up(np.minimum(sums, movements[network.output]) * _ROOM)
        rest, ellipsoid = mul_up(movements[source], _ROOM), mul_up(found.joint, _ROOM)
        pairs = np.minimum(up(box[:, None] + box), up(distances * rest))
        np.fill_diagonal(pairs, 0.0)
        if not (np.isfinite(box).all() and np.isfinite(ellipsoid) and np.isfinite(rest)):
            raise RefusedError("how far the outputs move within the tolerances is beyond the largest float64")
        return cls(tuple(tolerances), box, rest, pairs, ellipsoid)

    def keeps_class(self, logits: BoundedLogits) -> NDArray[np.bool_]:
        """Whether the class of each sample cannot change while its columns stay in the box, (samples,)."""
        error = up(_ROOM_OF_ERRORS * logits.error64)
        if logits.single:
            needed, margins = up(self.box[0] + error)[:, None], np.abs(logits.values)
        else:
            top = logits.labels
            margins = np.take_along_axis(logits.values, top[:, None], 1) - logits.values
            needed = up(self.pairs[top] + 2.0 * error[:, None])
        with np.errstate(invalid="ignore"):
            kept = up(needed * (1.0 + _ROOM_OF_MARGINS)) < margins * (1.0 - _ROOM_OF_MARGINS)
        if not logits.single:
            np.put_along_axis(kept, top[:, None], True, 1)
        return np.asarray(kept.all(axis=1) & np.isfinite(error), np.bool_)

    def as_statement(self) -> dict[str, Any]:
        """The field `tolerance` of a certificate."""
        return {
            "columns": [one.column for one in self.tolerances],
            "places": [one.place for one in self.tolerances],
            "sizes": [one.size.hex() for one in self.tolerances],
            "box": [bound.hex() for bound in self.box.tolist()],
            "rest": self.rest.hex(),
            "ellipsoid": self.ellipsoid.hex(),
        }


def _balanced(sizes: Array, norms: Array) -> tuple[Array, float]:
    """The sizes of an ellipsoid in which each column counts for as much, and ‖s‖₂ for it."""
    shares = np.maximum(norms, _LEAST_SHARE * norms.max())
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        balanced = sizes / shares
        stretched = up(sizes / balanced)
    if not (np.isfinite(balanced).all() and np.isfinite(stretched).all()):
        balanced, stretched = sizes, np.ones_like(sizes)
    return balanced, frobenius_up(stretched[None])
