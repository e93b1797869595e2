from typing import ClassVar

from lipbuild.network.specs.dense_block import DenseBlockSpec
from lipbuild.network.specs.facts import Facts


class CPLDense(DenseBlockSpec):
    """k·(x − 2Vᵀ relu(Vx + b)), V = W over an upper bound of its norm: constant k (Meunier et al. 2022)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="5·min(n, h)³ a call for a block of 2·n·h; none in exports",
        replaces="Dense in a residual",
        paper="Meunier et al. 2022",
    )

    vectors: ClassVar[int] = 1
