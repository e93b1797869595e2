from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.grouped_convolution2d import GroupedConvolution2DSpec


class FrobeniusConv2D(GroupedConvolution2DSpec):
    """A convolution whose kernel has ‖W‖_F = 1 and is scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="a norm a training step; none at inference",
        replaces="Conv2D",
        paper="Serrurier et al. 2021",
    )
