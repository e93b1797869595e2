"""What a certificate must know of an operation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.network import NetworkNode

Array = NDArray[np.float64]
Shape = tuple[int, ...]


class Operation(ABC):
    """An operation on samples of known shape, channels last, the batch axis left out of all shapes."""

    # Whether it is a function of one input whose constant is `bound`.
    unary = True
    # Whether it is an affine map of its inputs, so that it may be merged with its neighbours.
    affine = False

    @abstractmethod
    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The shape of the result.

        Raises:
            RefusedError: If the inputs or the parameters do not fit.
        """

    @abstractmethod
    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The result in float64, (samples, *shape)."""

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """A proved Lipschitz constant; 1 where an operation only moves or leaves out values."""
        return Bound(1.0, 1.0, "closed form", "exact")

    def combined(self, node: NetworkNode, constants: Sequence[float]) -> float:
        """The constant with respect to the network's input, for an operation on several inputs from theirs.

        Raises:
            NotImplementedError: For an operation on one input.
        """
        raise NotImplementedError(type(self).__name__)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array] | None:
        """Bounds of how much each value of the result changes, from those of the inputs' values.

        For an operation that is not affine: whatever the inputs are, if their values change by numbers within `lows`
        and `highs`, those of the result change by numbers within the two that are returned.

        Returns:
            Arrays of the shape of the result for each of some changes, or None where no more is known than the norm.
        """
        return None

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding | None:
        """How the operation rounds when it is served, or None where that is not known."""
        return Rounding()

    def homogeneous(self, node: NetworkNode) -> NetworkNode:
        """An affine operation without what it adds."""
        return node

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """An affine operation without what it adds, and with its weights replaced by their magnitudes."""
        return self.homogeneous(node)
