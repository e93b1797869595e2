from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lipbuild.certify.bounded_logits import Array, BoundedLogits
from lipbuild.certify.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64, Rounding
from lipbuild.certify.bounds.rounding import up
from lipbuild.certify.composition import compose, prove
from lipbuild.certify.head import Head, head_of
from lipbuild.certify.inference import (
    Reach,
    batches,
    checked_inputs,
    node_values,
    norms_up,
    propagate_error,
    roundings_of,
)
from lipbuild.certify.network import Network
from lipbuild.certify.sorted_pairs import with_sorted_pairs


@dataclass(frozen=True)
class CertifiedNetwork:
    """A network with its proved constants, to be asked for logits and the errors of their rounding.

    Attributes:
        network: The network.
        gains: An upper bound of the constant of each operation on one input.
        constants: An upper bound of the constant of each node with respect to the data.
        preprocessing: An upper bound of the constant of what happens to the data before the network.
    """

    network: Network
    gains: Mapping[str, float]
    constants: Mapping[str, float]
    preprocessing: float = 1.0

    @classmethod
    def of(
        cls, network: Network, *, known: Mapping[str, float] | None = None, preprocessing: float = 1.0
    ) -> CertifiedNetwork:
        """Prove the constants of a network from its weights.

        Args:
            network: The network.
            known: Constants with respect to the network's input that have been proved by another argument,
                such as that of a residual block as a whole. The smaller of two holds.
            preprocessing: The constant of what precedes the network, in whose units all else then is.

        Raises:
            RefusedError: An operation has no proved constant; the message names it.
        """
        network = with_sorted_pairs(network)
        gains = {name: bound.upper for name, bound in prove(network).items()}
        constants = compose(network, gains, preprocessing)
        for name, constant in (known or {}).items():
            if name in constants:
                other = (
                    constant if preprocessing == 1.0 else math.nextafter(constant * preprocessing, math.inf)
                )
                constants[name] = min(constants[name], other)
        return cls(network, gains, constants, preprocessing)

    @property
    def lipschitz(self) -> float:
        """The constant of the output with respect to the data."""
        return self.constants[self.network.output]

    @cached_property
    def head(self) -> Head:
        """What turns differences of logits into distances in the units of the data."""
        return head_of(self.network, self.constants)

    @cached_property
    def roundings(self) -> dict[str, Rounding | None]:
        """How each operation rounds."""
        return roundings_of(self.network)

    @cached_property
    def slope32(self) -> float:
        """By how much the error of float32 grows for each unit that the data moves."""
        errors = propagate_error(
            self.network,
            self.gains,
            self.roundings,
            UNIT_ROUNDOFF_32,
            lambda name, _: np.array([self.constants[name]]),
            homogeneous=True,
        )
        return float(errors[self.network.output][0])

    def logits(self, inputs: ArrayLike) -> BoundedLogits:
        """The logits of samples in float64, with bounds of their error and of that of float32.

        The bounds take the norm of every hidden value as it is for the sample, not the largest that it could
        be.

        Args:
            inputs: (samples, *input shape), what the network takes: preprocessed.

        Raises:
            RefusedError: The output is no vector.
            ValueError: The inputs have another shape.
        """
        x = checked_inputs(self.network, inputs)
        outputs = self.head.distances.shape[0]
        parts = [self._batch(x[part].astype(np.float64)) for part in batches(len(x))]
        parts = parts or [(np.zeros((0, outputs)), np.zeros(0), np.zeros(0))]
        values, error64, error32 = (np.concatenate(column) for column in zip(*parts, strict=True))
        return BoundedLogits(values, error64, error32, self.slope32)

    def _batch(self, x: Array) -> tuple[Array, Array, Array]:
        values = node_values(self.network, x)
        reaches: dict[str, Array] = {}

        def measured(name: str, error: Array) -> Array:
            reaches[name] = up(norms_up(values[name]) + error)
            return reaches[name]

        output = self.network.output
        error64 = self._errors(UNIT_ROUNDOFF_64, measured)[output]
        error32 = self._errors(UNIT_ROUNDOFF_32, lambda name, _: reaches[name])[output]
        return values[output], error64, error32

    def _errors(self, unit: float, reach: Reach) -> dict[str, Array]:
        return propagate_error(self.network, self.gains, self.roundings, unit, reach)
