from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lipbuild.certifying.bounded_logits import Array, BoundedLogits
from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64, Rounding
from lipbuild.certifying.bounds.rounding import down, up
from lipbuild.certifying.composition import compose, prove, prove_spans, shapes_of
from lipbuild.certifying.head import Head, head_of
from lipbuild.certifying.inference import (
    Reach,
    batches,
    checked_inputs,
    node_values,
    propagate_error,
    roundings_of,
    static_reaches,
)
from lipbuild.certifying.network import Network
from lipbuild.certifying.slopes import Spans
from lipbuild.certifying.stated_columns import Move, slopes_of_moves
from lipbuild.certifying.stated_tolerance import Tolerance, ToleranceBounds

# Far enough below the largest float32 for sums of squares.
_LARGEST = 2.0**60


@dataclass(frozen=True)
class CertifiedNetwork:
    """A network with its proved constants, to be asked for logits and the errors of their rounding.

    Attributes:
        network: The network.
        gains: An upper bound of the constant of each operation on one input.
        constants: An upper bound of the constant of each node with respect to the data.
        spans: Sources, targets and upper bounds of the constants of spans.
    """

    network: Network
    gains: Mapping[str, float]
    constants: Mapping[str, float]
    spans: Spans = ()

    @classmethod
    def of(cls, network: Network) -> CertifiedNetwork:
        """Prove the constants of a network from its weights.

        Args:
            network: The network.

        Raises:
            RefusedError: An operation has no proved constant; the message names it.
        """
        bounds = prove(network)
        # What is stated wherever these weights are: in a certificate, in an export, of a served run.
        gains = {name: bound.stated for name, bound in bounds.items()}
        spans = [(span.source, span.target, span.bound.stated) for span in prove_spans(network, bounds)]
        return cls(network, gains, compose(network, gains, spans), spans)

    @property
    def lipschitz(self) -> float:
        """The constant of the output with respect to the data."""
        return self.constants[self.network.output]

    def slopes(self, moves: Sequence[Move]) -> tuple[Array, Array]:
        """Between which two numbers each output changes for each move, (moves, outputs) each.

        Args:
            moves: What changes, by one unit or from one value to another.

        Raises:
            RefusedError: As `slopes_of_moves`.
        """
        return slopes_of_moves(self.network, self.gains, self.spans, moves)

    def within(self, tolerances: Sequence[Tolerance]) -> ToleranceBounds:
        """How far the outputs move while some columns stay within their tolerances.

        Args:
            tolerances: At least one.

        Raises:
            RefusedError: As `ToleranceBounds.of`.
        """
        return ToleranceBounds.of(self.network, self.gains, self.spans, tolerances)

    @cached_property
    def products(self) -> float:
        """How many products of a weight and a value one sample takes, about."""
        shapes = shapes_of(self.network)
        return float(
            sum(
                array.size * math.prod(shapes[node.name][:-1])
                for node in self.network.nodes
                for array in node.arrays.values()
            )
        )

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

    @cached_property
    def range32(self) -> float:
        """The largest power of two that bounds the norm of inputs at which float32 cannot overflow; 0 if none does.

        At each of these no node has a value or an error, and no operation a sum of magnitudes, above 2^60.
        """
        norms = 2.0 ** np.arange(-126.0, 61.0)
        reaches = static_reaches(self.network, self.gains, self.roundings, norms)
        largest = norms.copy()
        for node in self.network.nodes[1:]:
            rounding = self.roundings.get(node.name) or Rounding()
            for name in node.inputs:
                with np.errstate(invalid="ignore", over="ignore"):
                    sums = rounding.magnitude * reaches[name] + rounding.offset
                largest = np.maximum(largest, np.where(np.isnan(sums), np.inf, sums))
        # What is computed is as far from these as its error says.
        for error in self._errors(UNIT_ROUNDOFF_32, lambda name, _: reaches[name]).values():
            largest = np.maximum(largest, np.where(np.isnan(error), np.inf, error))
        within = norms[largest <= _LARGEST]
        return float(within[-1]) if len(within) else 0.0

    def room32(self, norms: Array, within: float = math.inf) -> Array:
        """How far inputs may move before a sum in float32 could overflow, in the units of the data.

        Args:
            norms: (samples,), upper bounds of the L2 norms of what the network takes.
            within: A smaller norm that they must stay within.
        """
        return np.maximum(down(min(self.range32, within) - norms), 0.0)

    def error_within(self, norms: Array, unit: float) -> Array:
        """An upper bound of the error of the logits for inputs of at most these norms.

        Args:
            norms: (samples,), upper bounds of the L2 norms of what the network takes.
            unit: The unit roundoff of the arithmetic, 2^-24 or 2^-53.

        Returns:
            (samples,).
        """
        reaches = static_reaches(self.network, self.gains, self.roundings, norms)
        return self._errors(unit, lambda name, _: reaches[name])[self.network.output]

    def error32_within(self, norms: Array) -> Array:
        """That of float32; infinite where a sum could overflow."""
        return np.where(norms <= self.range32, self.error_within(norms, UNIT_ROUNDOFF_32), np.inf)

    def logits(self, inputs: ArrayLike) -> BoundedLogits:
        """The logits of samples in float64, with bounds of their error and of that of float32.

        The bounds take the norm of every hidden value as it is for the sample, not the largest that it could
        be. Where a value is beyond float64 all that is said of the sample is that nothing is known.

        Args:
            inputs: (samples, *input shape), what the network takes: preprocessed.

        Raises:
            RefusedError: The output is not a vector.
            ValueError: The inputs have another shape.
        """
        x = checked_inputs(self.network, inputs)
        outputs = self.head.distances.shape[0]
        parts = [self._batch(x[part].astype(np.float64)) for part in batches(len(x))]
        parts = parts or [(np.zeros((0, outputs)), np.zeros(0), np.zeros(0), np.zeros(0))]
        values, error64, error32, room32 = (np.concatenate(column) for column in zip(*parts, strict=True))
        return BoundedLogits(values, error64, error32, self.slope32, room32)

    def _batch(self, x: Array) -> tuple[Array, Array, Array, Array]:
        with np.errstate(over="ignore", invalid="ignore"):
            values = node_values(self.network, x)
            reaches: dict[str, Array] = {}

            def measured(name: str, error: Array) -> Array:
                reach = up(norms_up(values[name]) + error)
                reaches[name] = np.where(np.isnan(reach), np.inf, reach)
                return reaches[name]

            output = self.network.output
            error64 = self._errors(UNIT_ROUNDOFF_64, measured)[output]
            error32 = self._errors(UNIT_ROUNDOFF_32, lambda name, _: reaches[name])[output]
        norms = reaches[self.network.nodes[0].name]
        logits = values[output]
        known = np.isfinite(logits).all(axis=1) & np.isfinite(error64)
        return (
            np.where(known[:, None], logits, 0.0),
            np.where(known, error64, np.inf),
            np.where(known & (norms <= self.range32) & ~np.isnan(error32), error32, np.inf),
            self.room32(norms),
        )

    def _errors(self, unit: float, reach: Reach) -> dict[str, Array]:
        return propagate_error(self.network, self.gains, self.roundings, unit, reach)
