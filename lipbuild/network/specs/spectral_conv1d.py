from typing import ClassVar, Literal

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, format_shape, sequence, windows
from lipbuild.network.specs.common import Size, Units
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.groups import check_groups, check_steps
from lipbuild.network.specs.spectral import SpectralSpec


class SpectralConv1D(SpectralSpec):
    """A convolution over sequences, its reshaped kernel orthogonal and scaled by 1/√⌈k/s⌉: constant at most k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="4·max(n, m)·min(n, m)² a training step, n×m the reshaped kernel; none at inference",
        replaces="Conv1D",
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

    def output_shape(self, shape: Shape) -> Shape:
        """The steps by stride, dilation and padding; the channels become `filters`."""
        check_steps(self.kind, (self.strides,), (self.dilation_rate,))
        steps, channels = sequence(shape, self.kind)
        # Causal padding adds as much as `same` does, all of it before the sequence.
        padding = "valid" if self.padding == "valid" else "same"
        length = windows(steps, self.kernel_size, self.strides, padding, self.dilation_rate)
        if length == 0:
            raise ShapeError(
                f"a window of {self.kernel_size} does not fit into an input of {format_shape(shape)}",
                field="kernel_size",
                help="use a smaller window, or `padding: same`",
            )
        check_groups(self.kind, self.groups, channels, self.filters)
        return length, self.filters

    def parameters(self, shape: Shape) -> int:
        """Length · channels / groups · filters, and a bias."""
        _, channels = sequence(shape, self.kind)
        weights = self.kernel_size * (channels // self.groups) * self.filters
        return weights + (self.filters if self.use_bias else 0)
