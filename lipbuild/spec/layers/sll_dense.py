from typing import ClassVar

from lipbuild.spec.layers.dense_block import DenseBlockSpec


class SLLDense(DenseBlockSpec):
    """k·(x − 2Wᵀ diag(t) relu(Wx + b)), t_i = 1/Σ_j|WWᵀ|_ij q_j/q_i: constant k (Araujo et al. 2023)."""

    vectors: ClassVar[int] = 2
