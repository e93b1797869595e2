"""The convolutions over sequences."""

from typing import Literal

from pydantic import Field

from lipbuild.network.operations import Convolution
from lipbuild.network.shapes import Shape, sequence
from lipbuild.network.specs.common import Size, Units
from lipbuild.network.specs.kernels import SpectralConvolutionSpec, check_groups, check_steps
from lipbuild.network.specs.layer import Facts

_SHARED = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias")


class SpectralConv1D(SpectralConvolutionSpec):
    """A convolution over sequences, its reshaped kernel orthogonal and scaled by 1/√⌈k/s⌉: constant at most k."""

    facts = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="4·max(n, m)·min(n, m)² a training step, n×m the reshaped kernel; none at inference",
        keras="Conv1D",
        shared=_SHARED,
        paper="Li et al. 2019; Serrurier et al. 2021",
    )

    filters: Units = Field(description="The number of output channels.")
    kernel_size: Size = Field(description="The length of the kernel.")
    strides: Size = Field(1, description="The step of the kernel.")
    padding: Literal["same", "valid", "causal"] = Field(
        "same", description="`same` pads with zeros on both sides, `causal` before the sequence, `valid` not."
    )
    dilation_rate: Size = Field(
        1, description="The distance of the kernel's values; 1 where `strides` is not."
    )
    groups: Size = Field(
        1, description="The number of groups of channels, each convolved by itself; divides both numbers."
    )

    def linear(self, shape: Shape) -> Convolution:
        """A convolution whose norm is k."""
        strides, dilation = (self.strides,), (self.dilation_rate,)
        check_steps(self.kind, strides, dilation)
        convolution = Convolution(
            self.filters, (self.kernel_size,), strides, self.padding, dilation, self.kernel_bound()
        )
        convolution.shape([shape], self.kind)
        check_groups(self.kind, self.groups, sequence(shape, self.kind)[1], self.filters)
        return convolution

    def parameters(self, shape: Shape) -> int:
        """Length · channels / groups · filters, and a bias."""
        _, channels = sequence(shape, self.kind)
        weights = self.kernel_size * (channels // self.groups) * self.filters
        return weights + (self.filters if self.use_bias else 0)
