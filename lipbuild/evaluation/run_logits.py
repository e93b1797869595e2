from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.head import Head
from lipbuild.errors import RefusedError
from lipbuild.evaluation.serving import Serving, compare_served

if TYPE_CHECKING:
    import keras

    from lipbuild.evaluation.trained import Trained


@dataclass(frozen=True)
class RunLogits:
    """A trained network as what computes logits: in float64 with the errors of rounding, and as it is served.

    Attributes:
        plain: Its plain Keras model.
        certified: What is proved about that; None where it has an operation that is not known.
        lipschitz: Its constant, proved from the weights; infinite where there is no `certified`.
        voided: Whether its config silences a soundness rule.
        unknown: Why there is no `certified`; empty where there is one.
    """

    plain: keras.Model
    certified: CertifiedNetwork | None
    lipschitz: float
    voided: bool
    unknown: str

    @classmethod
    def of(cls, trained: Trained) -> RunLogits:
        """Prove the constants of a trained network.

        Raises:
            RefusedError: The weights exceed what their layers promise, or the plain network was read otherwise than
                Keras computes it.
        """
        from lipbuild.guard.agreement import check_agreement
        from lipbuild.guard.promises import (
            check_promises,
            kernel_norms,
            norms_of_open_sizes,
            not_finite,
            weights_of,
        )
        from lipbuild.saved.keras_network import keras_network

        plain, graph = trained.plain, trained.graph
        weights = weights_of(plain)
        voided = bool(trained.voided_by)
        check_promises(not_finite(graph, weights))
        try:
            network = keras_network(plain)
            certified = CertifiedNetwork.of(network)
        except RefusedError as error:
            check_promises(norms_of_open_sizes(plain, graph, weights))
            return cls(plain, None, math.inf, voided, error.message)
        check_promises(kernel_norms(graph, certified))
        check_agreement(plain, network)
        return cls(plain, certified, certified.lipschitz, voided, "")

    @property
    def uncertified(self) -> str:
        """Why nothing is certified although no rule is silenced; empty where something is."""
        return "" if self.voided else self.unknown

    @property
    def head(self) -> Head | None:
        """What turns differences of logits into distances; None where nothing may be certified."""
        return self.certified.head if self.certified is not None and not self.voided else None

    def logits(self, x: NDArray[np.generic]) -> BoundedLogits:
        """The logits in float64; without a bound of their error where the network is not known."""
        if self.certified is not None:
            return self.certified.logits(x)
        from lipbuild.building.plain import in_float64

        values = np.asarray(
            in_float64(self.plain).predict(x.astype(np.float64), verbose=0, batch_size=1024), np.float64
        )
        unknown = np.full(len(values), np.inf)
        return BoundedLogits(values, unknown, unknown, float("inf"), np.zeros(len(values)))

    def serving(
        self, x: NDArray[np.generic], logits: BoundedLogits, targets: NDArray[np.int64]
    ) -> Serving | None:
        """What TensorFlow serves in float32, held against the logits; None where their error is not known.

        Raises:
            RefusedError: It serves something else.
        """
        if self.certified is None:
            return None
        outputs = self.plain.predict(x.astype(np.float32), verbose=0, batch_size=256)
        return compare_served(logits, np.asarray(outputs), targets)
