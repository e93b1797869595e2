from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras
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
from lipbuild.verifier.scaled import scaled_input

Semantics = Literal["real", "float32"]

# The largest norm of scaled inputs that is looked at, as a power of two; and what bounds are rounded up by.
_FURTHEST, _ROOM = 59, 1.0 + 1e-9


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
        pairs: (outputs, outputs), how far the difference of two outputs moves at most there; None likewise.
        tolerance_norm: The L2 norm of these tolerances; 0 where there are none.
        measured: The layer that scales the inputs one by one, by the norm of whose results error and limit are; None
            where they are by that of the inputs.
        gain: How far these results move at most for each unit that the input does.
    """

    distances: NDArray[np.float64]
    rest: float
    error: Float32Error
    limit: float
    lipschitz: float
    box: NDArray[np.float64] | None = None
    pairs: NDArray[np.float64] | None = None
    tolerance_norm: float = 0.0
    measured: str | None = None
    gain: float = 1.0

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
            gain=self.gain * more,
            lipschitz=self.lipschitz * more,
            box=None if self.box is None else self.box * more,
            pairs=None if self.pairs is None else self.pairs * more,
        )

    def covers(self, other: RadiusConstants) -> bool:
        """Whether a radius computed from these is at most one computed from the others."""
        return bool(
            (other.distances <= self.distances).all()
            and other.rest <= self.rest
            and other.error.slope <= self.error.slope
            and other.error.offset <= self.error.offset
            and other.limit >= self.limit
            and other.measured == self.measured
            and other.gain <= self.gain
            and other.lipschitz <= self.lipschitz
            and (self.box is None or (other.box is not None and (other.box <= self.box).all()))
            and (self.pairs is None or (other.pairs is not None and (other.pairs <= self.pairs).all()))
        )

    def error_over(self, distance: float, semantics: Semantics) -> Float32Error:
        """The error that is subtracted: at the input, and with `float32` semantics at any other within a distance."""
        if semantics == "real":
            return self.error
        return Float32Error(2.0 * self.error.slope, self.error.at(distance * self.gain) + self.error.offset)


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


def scaled_error(certified: CertifiedNetwork, measured: str) -> tuple[Float32Error, float] | None:
    """The error by the norm of what a layer makes of the inputs by scaling each, and the limit of that norm.

    The norm is that of these results as they are computed. None where the layer is none of this kind.
    """
    model = as_model(certified.network)
    scaled = scaled_input(model, measured)
    if scaled is None:
        return None
    norms = [0.0, *(2.0**power for power in range(_FURTHEST, 0, -1))]
    errors = (served_error(model, certified.gains, norm, UNIT_ROUNDOFF_32, scaled) for norm in norms)
    least = next(errors)
    limit, most = next(((n, e) for n, e in zip(norms[1:], errors) if math.isfinite(e)), (0.0, math.inf))
    if not math.isfinite(least + most):
        return None
    kept, slope = 1.0 - scaled.relative, (most - least) / limit * _ROOM
    error = Float32Error(slope / kept * _ROOM, (least + slope * scaled.offset / kept) * _ROOM)
    return error, limit * kept - scaled.offset


def scaling_layer(plain: keras.Model) -> str | None:
    """The last of the layers that scale each number of a vector before all others read it; None without one."""
    tensor, name = plain.inputs[0], None
    while len(tensor.shape) == 2:
        readers = [layer for layer in plain.layers if any(t is tensor for t in _read(layer))]
        if len(readers) != 1 or type(readers[0]) is not keras.layers.Rescaling:
            break
        name, tensor = readers[0].name, readers[0].output
    return name


def _read(layer: keras.Layer) -> list[Any]:
    return [] if isinstance(layer, keras.layers.InputLayer) else keras.tree.flatten(layer.input)


def radius_constants(
    proof: Proof, tolerances: Sequence[Tolerance] = (), measured: str | None = None
) -> RadiusConstants:
    """The constants of a network, from what is proved of its weights.

    Args:
        proof: What is proved.
        tolerances: By how much columns may be off, where the file says what holds within these.
        measured: The layer that scales the inputs one by one, by the norm of whose results errors are to be bounded.

    Raises:
        RefusedError: It has an operation whose constant or rounding is not known.
    """
    certified = proof.certified
    if certified is None:
        raise RefusedError(
            f"no radius can be computed in this network: {proof.unread}",
            "export it without `--with-radius`; `lipbuild evaluate` states radii",
        )
    found = scaled_error(certified, measured) if measured is not None else None
    if found is None:
        error = float32_error(certified.network, certified.gains).at_least(verified_error(certified))
        found, measured = (error, certified.range32), None
    within = certified.within(tolerances) if tolerances else None
    sizes = np.array([[one.size for one in tolerances]])
    return RadiusConstants(
        *(certified.head.distances, certified.head.rest, *found, certified.lipschitz),
        box=within.box if within is not None else None,
        pairs=within.pairs if within is not None else None,
        measured=measured,
        gain=1.0 if measured is None else certified.constants[measured],
        tolerance_norm=float(norms_up(sizes)[0]) if tolerances else 0.0,
    )
