from typing import ClassVar

from lipbuild.network.specs.dense_block import DenseBlockSpec
from lipbuild.network.specs.facts import Facts


class SLLDense(DenseBlockSpec):
    """k·(x − 2Wᵀ diag(t) relu(Wx + b)), t_i = 1/Σ_j|WWᵀ|_ij q_j/q_i: constant k (Araujo et al. 2023)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="h²·n a call for a block of 2·n·h; none in exports",
        replaces="Dense in a residual",
        paper="Araujo et al. 2023",
    )

    vectors: ClassVar[int] = 2
