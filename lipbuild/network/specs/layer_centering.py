from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.centering import CenteringSpec
from lipbuild.network.specs.facts import Facts


class LayerCentering(CenteringSpec):
    """k·(x − mean of x over its pixels) + b, per sample and channel: a projection, constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept, but for the mean",
        cost="a mean a sample",
        replaces="LayerNormalization",
    )
