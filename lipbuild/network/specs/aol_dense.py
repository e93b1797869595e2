from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.dense import DenseSpec
from lipbuild.network.specs.facts import Facts


class AOLDense(DenseSpec):
    """y = k·xWD + b, D the diagonal of (Σ|WᵀW|)^(−½): constant at most k for all weights (Prach & Lampert 2022)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=False,
        gradient="shrinks, less the nearer W is to orthogonal",
        cost="max(n, m)·min(n, m)² a call; none in exports",
        replaces="Dense",
        paper="Prach & Lampert 2022",
    )
