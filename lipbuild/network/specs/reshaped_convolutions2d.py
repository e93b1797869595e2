"""The convolutions over images whose reshaped kernel is held, and with it a bound of the operator."""

from lipbuild.network.specs.convolutions2d import SHARED, GroupedConvolution2DSpec
from lipbuild.network.specs.kernels import SpectralConvolutionSpec
from lipbuild.network.specs.layer import Facts


class SpectralConv2D(GroupedConvolution2DSpec, SpectralConvolutionSpec):
    """A convolution whose reshaped kernel is orthogonal and scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""

    facts = Facts(
        constant="k",
        exact=False,
        gradient="shrinks; kept away from the border with `norm: operator`",
        cost="4·max(n, m)·min(n, m)² a training step, n×m the reshaped kernel; none at inference",
        keras="Conv2D",
        shared=SHARED,
        paper="Li et al. 2019; Serrurier et al. 2021",
    )


class FrobeniusConv2D(GroupedConvolution2DSpec):
    """A convolution whose kernel has ‖W‖_F = 1 and is scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""

    facts = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="a norm a training step; none at inference",
        keras="Conv2D",
        shared=SHARED,
        paper="Serrurier et al. 2021",
    )
