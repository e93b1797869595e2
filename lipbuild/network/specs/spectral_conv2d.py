from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.grouped_convolution2d import GroupedConvolution2DSpec
from lipbuild.network.specs.spectral import SpectralSpec


class SpectralConv2D(GroupedConvolution2DSpec, SpectralSpec):
    """A convolution whose reshaped kernel is orthogonal and scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="4·max(n, m)·min(n, m)² a training step, n×m the reshaped kernel; none at inference",
        replaces="Conv2D",
        paper="Li et al. 2019; Serrurier et al. 2021",
    )
