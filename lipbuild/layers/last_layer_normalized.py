"""A head with outputs that are Lipschitz one by one."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.frobenius_dense import FrobeniusDense


@keras.saving.register_keras_serializable(package="lipbuild")
class LastLayerNormalized(FrobeniusDense):
    """`y_i = k x·w_i / ‖w_i‖ + b_i`: every output k-Lipschitz, for the last layer of a classifier.

    It is `FrobeniusDense(disjoint_neurons=True)` by the name of the literature. The outputs are free of each other,
    where `SpectralDense` makes them orthogonal, which pays off with many classes. Each output's constant k is exact;
    all together have at most `k √units`, which `lipschitz_bound` states. A difference of two outputs has the constant
    `k ‖w_i - w_j‖ <= 2k`; certify with the pairwise constants or with `disjoint_neurons=True` metrics.

    It costs the norms of the columns a training step, and nothing at inference.

    Args:
        units: Number of classes.
        **kwargs: As in `FrobeniusDense`.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Reference:
        Singla, Singla & Feizi, Improved deterministic l2 robustness on CIFAR-10 and CIFAR-100 (ICLR 2022).
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        if not kwargs.pop("disjoint_neurons", True):
            raise ValueError("LastLayerNormalized has disjoint neurons. Received: disjoint_neurons=False")
        super().__init__(units, disjoint_neurons=True, **kwargs)
