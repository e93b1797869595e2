from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.convolution2d import Convolution2DSpec
from lipbuild.network.specs.facts import Facts


class AOLConv2D(Convolution2DSpec):
    """A convolution, each channel scaled by (Σ|autocorrelation|)^(−½): constant at most k for all weights."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=False,
        gradient="shrinks, less the nearer the kernel is to orthogonal",
        cost="the kernel convolved with itself a call; none in exports",
        replaces="Conv2D",
        paper="Prach & Lampert 2022",
    )
