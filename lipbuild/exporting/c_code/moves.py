"""How far the outputs of a program move, as its statement has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import mul_up, sqrt_up, up
from lipbuild.certifying.head import head_distances
from lipbuild.certifying.network import Network


@dataclass(frozen=True)
class Moves:
    """What is proved of other inputs: within a distance of one, and within the tolerances of columns.

    Attributes:
        lipschitz: The constant of the whole.
        size: The distance of a regression's interval; None where there is none.
        box: How far each output moves at most within the tolerances; None where there are none.
        rest: How far what the last dense layer reads does.
        distance: The L2 norm of the tolerances.
    """

    lipschitz: float
    size: float | None
    box: tuple[float, ...] | None = None
    rest: float = 0.0
    distance: float = 0.0

    @classmethod
    def of(cls, predicate: Mapping[str, Any], size: float | None) -> Moves:
        """What a statement says.

        Args:
            predicate: That of the statement.
            size: The distance of a regression's interval; None of classes.
        """
        lipschitz, stated = float.fromhex(predicate["lipschitz"]), predicate.get("tolerance")
        if stated is None:
            return cls(lipschitz, size)
        squares = sum((Fraction(float.fromhex(size)) ** 2 for size in stated["sizes"]), Fraction(0))
        box = tuple(map(float.fromhex, stated["box"]))
        # The same numbers on every processor.
        distance = sqrt_up(float(up(np.array(float(squares)))))
        return cls(lipschitz, size, box, float.fromhex(stated["rest"]), distance)

    @property
    def intervals(self) -> dict[str, tuple[float, tuple[float, ...]]]:
        """For each interval of a regression how far the input moves, and how far each value does."""
        found: dict[str, tuple[float, tuple[float, ...]]] = {}
        if self.size is not None:
            found[""] = self.size, (mul_up(self.lipschitz, self.size),)
        if self.box is not None:
            found["_in_tolerance"] = self.distance, self.box
        return found

    def pairs(self, network: Network) -> NDArray[np.float64]:
        """How far a difference of outputs moves at most within the tolerances; of one output how far that does."""
        box = np.array(self.box)
        if len(box) == 1:
            return box[None]
        distances, _ = head_distances(network)
        return np.minimum(up(box[:, None] + box), up(distances * self.rest))
