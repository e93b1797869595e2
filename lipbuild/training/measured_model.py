from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np

from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.settle import settler
from lipbuild.training.variables import set_values, values_of
from lipbuild.training.weight_average import WeightAverage


class MeasuredModel:
    """The model that is measured and saved: float32, every kernel settled.

    It is the trained model itself, unless that computes in half precision or an average of its weights is kept: then it
    is a twin, which gets the weights whenever it is to be looked at.

    Args:
        trained: The model that is trained.
        make_twin: Makes a model of the same graph in float32.
        average: The average of the weights, if any.
        distribution: Where the training runs.
        always: Whether it is a twin in any case.
    """

    def __init__(
        self,
        trained: keras.Model,
        make_twin: Callable[[], keras.Model],
        average: WeightAverage | None,
        distribution: Distribution,
        *,
        always: bool = False,
    ) -> None:
        self._trained = trained
        self._average = average
        self.model = make_twin() if always or average is not None else trained
        self._settle = settler(self.model, distribution)

    @property
    def is_twin(self) -> bool:
        """Whether it is another model than the one that is trained."""
        return self.model is not self._trained

    def update(self) -> keras.Model:
        """Bring the twin, if it is one, to what the trained model has come to; the trained one has to be settled."""
        if self.is_twin:
            averages = self._average.values() if self._average is not None else None
            self.set_weights(averages if averages is not None else values_of(self._trained.weights))
            self._settle()
        return self.model

    def settle(self) -> keras.Model:
        """Copy the present weights of the trained model; if it is not a twin, settle the trained model itself."""
        if self.is_twin:
            return self.update()
        self._settle()
        return self.model

    def weights(self) -> list[np.ndarray]:
        """Copies of its weights."""
        return values_of(self.model.weights)

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Set its weights as they are given."""
        set_values(self.model.weights, weights)
