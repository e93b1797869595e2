from typing import ClassVar

from lipbuild.spec.layers.dense_block import DenseBlockSpec


class CPLDense(DenseBlockSpec):
    """k·(x − 2Vᵀ relu(Vx + b)), V = W over an upper bound of its norm: constant k (Meunier et al. 2022)."""

    vectors: ClassVar[int] = 1
