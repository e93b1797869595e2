from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.disjoint_pooling2d import DisjointPooling2DSpec
from lipbuild.network.specs.facts import Facts


class ScaledAveragePooling2D(DisjointPooling2DSpec):
    """Average pooling over disjoint windows times k·√(ph·pw), which makes its constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a factor",
        replaces="AveragePooling2D",
        paper="Serrurier et al. 2021",
    )
