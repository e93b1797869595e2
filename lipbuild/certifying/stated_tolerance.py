"""How far the outputs move while columns stay within their tolerances, as a certificate states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import Array, BoundedLogits
from lipbuild.certifying.bounds.rounding import gamma, mul_up, up
from lipbuild.certifying.network import Network
from lipbuild.certifying.slopes import Spans, slopes
from lipbuild.errors import RefusedError

# For another program's roundings; see `stated_columns`.
_ROOM = 1.0 + 2.0**-33
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
        ellipsoid: How far all outputs move at most (L2) for each unit of ‖(x − x_0)/t‖₂.
    """

    tolerances: tuple[Tolerance, ...]
    box: Array
    ellipsoid: float

    @classmethod
    def of(
        cls, network: Network, gains: Mapping[str, float], spans: Spans, tolerances: Sequence[Tolerance]
    ) -> ToleranceBounds:
        """Σ_i S_oi·t_i, and the norm of the network in the scaled columns alone: of its first map, times the rest.

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
        directions = np.zeros((len(tolerances), shape[0]))
        for direction, tolerance in zip(directions, tolerances, strict=True):
            direction[tolerance.place] = tolerance.size
        found = slopes(network, gains, spans, directions)
        if found.low.ndim != 2:
            raise RefusedError(f"the output has the shape {found.low.shape[1:]}; a vector is needed")
        sums = found.magnitudes.sum(axis=0) * (1.0 + gamma(len(tolerances) + 2))
        box, ellipsoid = up(sums * _ROOM), mul_up(found.joint, _ROOM)
        if not (np.isfinite(box).all() and np.isfinite(ellipsoid)):
            raise RefusedError("how far the outputs move within the tolerances is beyond the largest float64")
        return cls(tuple(tolerances), box, ellipsoid)

    def keeps_class(self, logits: BoundedLogits) -> NDArray[np.bool_]:
        """Whether the class of each sample cannot change while its columns stay in the box, (samples,)."""
        error = up(_ROOM_OF_ERRORS * logits.error64)
        if logits.single:
            needed, margins = up(self.box[0] + error)[:, None], np.abs(logits.values)
        else:
            top = logits.labels
            margins = np.take_along_axis(logits.values, top[:, None], 1) - logits.values
            needed = up(up(self.box[top][:, None] + self.box) + 2.0 * error[:, None])
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
            "ellipsoid": self.ellipsoid.hex(),
        }
