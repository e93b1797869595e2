"""Dense maps, convolutions and their transposes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from lipbuild.certifying.operations.affine import convolved_axes
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code, index, strides_of
from lipbuild.exporting.c_code.steps.step import Step
from lipbuild.exporting.c_code.steps.taps import batch_of, clipped, taps, taps_within


class Dense(Step):
    """y_o = b_o + Σ_i x_i W_io, the inputs in their order, so that a compiler can add for many outputs at once."""

    def write(self, code: Code, call: Call) -> None:
        """All outputs for one input after the other."""
        inputs, outputs = call.node.arrays["kernel"].shape
        with code.loop("p", math.prod(call.shape[:-1])) as p:
            _write_biases(code, call, outputs, (outputs, p))
            with code.loop("i", inputs) as i:
                code.line(f"const {call.type} value = {call.x}[{index((inputs, p), (1, i))}];")
                with code.loop("o", outputs) as o:
                    weight = f"{call.array('kernel')}[{index((outputs, i), (1, o))}]"
                    code.line(f"{call.y}[{index((outputs, p), (1, o))}] += value * {weight};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """One input after the other."""
        x, kernel = inputs[0], call.values("kernel")
        y = _start(call, (*x.shape[:-1], kernel.shape[1]))
        for i in range(kernel.shape[0]):
            y += x[..., i : i + 1] * kernel[i]
        return y


class Convolution(Step):
    """y_po = b_o + Σ_taps Σ_c x_(p, tap)c K_tap,c,o, what lies in the padding left out."""

    def write(self, code: Code, call: Call) -> None:
        """All filters of a position for one tap and channel after the other."""
        kernel, groups = call.node.arrays["kernel"], call.node.parameters["groups"]
        axes = convolved_axes(call.node, call.shapes[0][:-1])
        per_group, filters = kernel.shape[-2], kernel.shape[-1] // groups
        reads, writes = strides_of(call.shapes[0]), strides_of(call.shape)
        weights = strides_of(kernel.shape)
        with code.loops("p", [axis.outputs for axis in axes]) as p:
            _write_biases(code, call, kernel.shape[-1], *zip(writes, p))
            with (
                taps(code, axes, p) as (tap, places),
                code.loop("g", groups) as g,
                code.loop("c", per_group) as c,
            ):
                value = f"{call.x}[{index(*zip(reads, places), (per_group, g), (1, c))}]"
                weight = index(*zip(weights, tap), (weights[-2], c), (filters, g))
                code.line(f"const {call.type} value = {value};")
                with code.loop("o", filters) as o:
                    target = f"{call.y}[{index(*zip(writes, p), (filters, g), (1, o))}]"
                    code.line(f"{target} += value * {call.array('kernel')}[{index((1, weight), (1, o))}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """One tap after the other, one channel after the other."""
        x, kernel, groups = inputs[0], call.values("kernel"), call.node.parameters["groups"]
        axes = convolved_axes(call.node, call.shapes[0][:-1])
        per_group, filters = kernel.shape[-2], kernel.shape[-1] // groups
        x = x.reshape(*x.shape[:-1], groups, per_group)
        y = _start(call, (len(x), *call.shape)).reshape(len(x), *call.shape[:-1], groups, filters)
        for tap, windows, reads in taps_within(axes):
            for c in range(per_group):
                weights = kernel[tap][c].reshape(groups, filters)
                y[batch_of(windows)] += x[batch_of(reads)][..., c, np.newaxis] * weights
        return y.reshape(len(x), *call.shape)


class TransposedConvolution(Step):
    """The adjoint of a convolution: for each tap each input adds its multiple of the kernel."""

    def write(self, code: Code, call: Call) -> None:
        """Taps outside, so that each sum has them in their order."""
        kernel, lengths = call.node.arrays["kernel"], call.shape[:-1]
        axes = convolved_axes(call.node, lengths)
        outputs, channels = kernel.shape[-2:]
        reads, writes, weights = strides_of(call.shapes[0]), strides_of(call.shape), strides_of(kernel.shape)
        with code.loop("q", math.prod(lengths)) as q, code.loop("o", outputs) as o:
            code.line(f"{call.y}[{index((outputs, q), (1, o))}] = {_bias(call, o)};")
        # The places of the convolution's windows are those of the inputs here.
        with code.loops("t", [axis.size for axis in axes]) as tap:
            bases = [index((axis.dilation, t), offset=-axis.left) for axis, t in zip(axes, tap)]
            bounds = [
                clipped(
                    *(code, str(i), axis.outputs, axis.stride, base, axis),
                    last=(axis.size - 1) * axis.dilation - axis.left,
                )
                for i, (axis, base) in enumerate(zip(axes, bases))
            ]
            with ExitStack() as stack:
                p = [stack.enter_context(code.between(f"p{i}", *bound)) for i, bound in enumerate(bounds)]
                o = stack.enter_context(code.loop("o", outputs))
                places = [index((axis.stride, at), (1, base)) for axis, at, base in zip(axes, p, bases)]
                written = f"{call.y}[{index(*zip(writes, places), (1, o))}]"
                code.line(f"{call.type} sum = {written};")
                with code.loop("c", channels) as c:
                    weight = index(*zip(weights, tap), (channels, o), (1, c))
                    value = f"{call.x}[{index(*zip(reads, p), (1, c))}]"
                    code.line(f"sum += {value} * {call.array('kernel')}[{weight}];")
                code.line(f"{written} = sum;")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """One tap after the other, one channel after the other."""
        x, kernel = inputs[0], call.values("kernel")
        y = _start(call, (len(x), *call.shape))
        for tap, windows, writes in taps_within(convolved_axes(call.node, call.shape[:-1])):
            for c in range(kernel.shape[-1]):
                y[batch_of(writes)] += x[batch_of(windows)][..., c : c + 1] * kernel[tap][:, c]
        return y


def _write_biases(code: Code, call: Call, outputs: int, *place: tuple[int, str]) -> None:
    with code.loop("o", outputs) as o:
        code.line(f"{call.y}[{index(*place, (1, o))}] = {_bias(call, o)};")


def _bias(call: Call, place: str) -> str:
    return f"{call.array('bias')}[{place}]" if "bias" in call.node.arrays else call.literal(0.0)


def _start(call: Call, shape: Sequence[int]) -> Values:
    y = np.zeros(shape, call.arithmetic.dtype)
    return y + call.values("bias") if "bias" in call.node.arrays else y
