from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipbuild.building.optimized import Optimized
from lipbuild.exporting.radius_constants import RadiusConstants
from lipbuild.exporting.read_back import ReadBack, same_everywhere
from lipbuild.exporting.served import Served
from lipbuild.guard.promises import Weights


@dataclass(frozen=True)
class Form:
    """One form of a network that a file can hold.

    Attributes:
        served: The network.
        optimized: What was folded into its kernels; None where it is the plain form.
        constants: What its radius or its intervals are computed from; None where there are none.
        errors: What the errors in these were multiplied by.
    """

    served: Served
    optimized: Optimized | None = None
    constants: RadiusConstants | None = None
    errors: float = 1.0

    def plain_weights(self, found: Mapping[str, ReadBack], plain: Weights) -> Weights:
        """The weights of the plain form, from those that were found in the file.

        A weight that was not found, which none of the needed ones can be, is taken to be the plain form's.
        """
        weights = {}
        for path, value in plain.items():
            if path in found:
                values = found[path].values
                value = values if self.optimized is None else self.optimized.unfolded(path, values)
            weights[path] = value
        return weights

    def holds_the_same(self, found: Mapping[str, ReadBack]) -> bool:
        """Whether a file holds the trained weights bit for bit, up to factors that are powers of two."""
        folds = self.optimized.folds.values() if self.optimized is not None else ()
        return same_everywhere(found, self.served.model) and all(fold.is_exact for fold in folds)
