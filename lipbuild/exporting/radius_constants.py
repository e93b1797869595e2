from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.errors import RefusedError
from lipbuild.exporting.float32_error import Float32Error, float32_error
from lipbuild.exporting.proof import Proof
from lipbuild.guard.verified import as_model
from lipbuild.verifier.forward import served_error

Semantics = Literal["real", "float32"]


@dataclass(frozen=True)
class RadiusConstants:
    """What a radius is computed from besides the logits and the input's norm.

    Attributes:
        distances: ‖w_i − w_j‖₂ of the last dense layer, (classes, classes); 1 for a single logit.
        rest: Λ, the constant that they are multiplied by.
        error: The float32 error of the logits or values.
        limit: The norm of an input up to which float32 cannot overflow.
        lipschitz: The constant of the whole.
        box: (outputs,), how far each output moves at most within the tolerances of columns; None where there are none.
        tolerance_norm: The L2 norm of these tolerances; 0 where there are none.
    """

    distances: NDArray[np.float64]
    rest: float
    error: Float32Error
    limit: float
    lipschitz: float
    box: NDArray[np.float64] | None = None
    tolerance_norm: float = 0.0

    def widened(self, share: float, errors: float = 1.0) -> RadiusConstants:
        """The same with room for what a format makes of the network.

        Args:
            share: For weights that are rounded in writing, relative to each constant.
            errors: What the error is multiplied by: a mean of two is a sum and a product in some formats, and a scale
                several operations, whose rounding errors are counted one by one.
        """
        more = 1.0 + share
        return replace(
            self,
            distances=self.distances * more,
            rest=self.rest * more,
            error=Float32Error(self.error.slope * errors, self.error.offset * errors),
            # The limit is a power of two: weights that were rounded may halve it.
            limit=self.limit / 2.0,
            lipschitz=self.lipschitz * more,
            box=None if self.box is None else self.box * more,
        )

    def covers(self, other: RadiusConstants) -> bool:
        """Whether a radius computed from these is at most one computed from the others."""
        return bool(
            (other.distances <= self.distances).all()
            and other.rest <= self.rest
            and other.error.slope <= self.error.slope
            and other.error.offset <= self.error.offset
            and other.limit >= self.limit
            and other.lipschitz <= self.lipschitz
            and (self.box is None or (other.box is not None and (other.box <= self.box).all()))
        )

    def error_over(self, distance: float, semantics: Semantics) -> Float32Error:
        """The error that is subtracted: at the input, and with `float32` semantics at any other within a distance."""
        if semantics == "real":
            return self.error
        return Float32Error(2.0 * self.error.slope, self.error.at(distance) + self.error.offset)


def verified_error(certified: CertifiedNetwork) -> Float32Error:
    """The same as the verifier bounds it: its chord between the norm 0 and the last at which nothing overflows."""
    model, limit = as_model(certified.network), certified.range32
    least, most = (served_error(model, certified.gains, norm, UNIT_ROUNDOFF_32) for norm in (0.0, limit))
    if not limit > 0.0 or not math.isfinite(most):
        raise RefusedError(
            "float32 may overflow in this network for any input, so no radius can be computed in it",
            "export it without `--with-radius`; `lipbuild certify` states radii in float64",
        )
    return Float32Error((most - least) / limit * (1.0 + 1e-9), least * (1.0 + 1e-9))


def radius_constants(proof: Proof, tolerances: Sequence[Tolerance] = ()) -> RadiusConstants:
    """The constants of a network, from what is proved of its weights.

    Args:
        proof: What is proved.
        tolerances: By how much columns may be off, where the file says what holds within these.

    Raises:
        RefusedError: It has an operation whose constant or rounding is not known.
    """
    certified = proof.certified
    if certified is None:
        raise RefusedError(
            f"no radius can be computed in this network: {proof.unread}",
            "export it without `--with-radius`; `lipbuild evaluate` states radii",
        )
    error = float32_error(certified.network, certified.gains)
    error = error.at_least(verified_error(certified))
    box = certified.within(tolerances).box if tolerances else None
    sizes = np.array([[one.size for one in tolerances]])
    return RadiusConstants(
        *(certified.head.distances, certified.head.rest, error, certified.range32, certified.lipschitz),
        box=box,
        tolerance_norm=float(norms_up(sizes)[0]) if tolerances else 0.0,
    )
