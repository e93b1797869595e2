from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError
from lipbuild.exporting.float32_error import Float32Error, float32_error
from lipbuild.exporting.proof import Proof
from lipbuild.guard.verified import as_model
from lipbuild.verifier.forward import served_error

# A mean of two is a sum and a product in some formats, whose rounding errors are counted one by one.
_FORMS = 2.0**-4


@dataclass(frozen=True)
class RadiusConstants:
    """What a radius is computed from besides the logits and the input's norm.

    Attributes:
        distances: ‖w_i − w_j‖₂ of the last dense layer, (classes, classes); 1 for a single logit.
        rest: Λ, the constant that they are multiplied by.
        error: The float32 error of the logits.
        limit: The norm of an input up to which float32 cannot overflow.
    """

    distances: NDArray[np.float64]
    rest: float
    error: Float32Error
    limit: float

    def widened(self, share: float) -> RadiusConstants:
        """The same with room for weights that were rounded in writing, and for what a format makes of operations."""
        more, errors = 1.0 + share, 1.0 + _FORMS
        error = Float32Error(self.error.slope * errors, self.error.offset * errors)
        # The limit is a power of two: weights that were rounded may halve it.
        return RadiusConstants(self.distances * more, self.rest * more, error, self.limit / 2.0)

    def covers(self, other: RadiusConstants) -> bool:
        """Whether a radius computed from these is at most one computed from the others."""
        return bool(
            (other.distances <= self.distances).all()
            and other.rest <= self.rest
            and other.error.slope <= self.error.slope
            and other.error.offset <= self.error.offset
            and other.limit >= self.limit
        )


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


def radius_constants(proof: Proof) -> RadiusConstants:
    """The constants of a network, from what is proved of its weights.

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
    return RadiusConstants(certified.head.distances, certified.head.rest, error, certified.range32)
