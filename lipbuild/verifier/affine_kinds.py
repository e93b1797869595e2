"""Operations y = Wx + b."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.convolutions import convolution_at_most
from lipbuild.verifier.exact import exactly_at_most
from lipbuild.verifier.floats import SLACK, Array, U, norm
from lipbuild.verifier.geometry import Axis, adjoint_convolved, axis_of, convolved
from lipbuild.verifier.nodes import Kind, Loss, Node, Shape, require
from lipbuild.verifier.proofs import norm_at_most
from lipbuild.verifier.statement import hexadecimal


def magnitude(kernel: Array, groups: int = 1) -> float:
    """‖|W|‖ <= √(largest sum of |W| into an output · largest sum out of an input): Schur's test."""
    sums = np.abs(kernel).reshape(-1, kernel.shape[-2], groups, kernel.shape[-1] // groups)
    into, out_of = sums.sum(axis=(0, 1)).max(initial=0.0), sums.sum(axis=(0, 3)).max(initial=0.0)
    return float(np.sqrt(into) * np.sqrt(out_of)) * SLACK


class Affine(Kind):
    """An operation with a kernel and perhaps a bias."""

    affine = True

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """xW + b."""
        result = self.linear(node, xs)
        return result + node.arrays["bias"] if "bias" in node.arrays else result

    def _bias_fits(self, node: Node, outputs: int) -> None:
        if "bias" in node.arrays:
            require(node.arrays["bias"].shape == (outputs,), node, "has a bias of another length")

    def _loss(self, node: Node, terms: int, positions: int, groups: int = 1) -> Loss:
        bias = norm(node.arrays["bias"]) * math.sqrt(positions) * SLACK if "bias" in node.arrays else 0.0
        size = magnitude(node.arrays["kernel"], groups)
        return Loss(terms, size, bias)


class Dense(Affine):
    """xW + b on the last axis."""

    rules = frozenset({"cholesky", "closed form"})

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, units)."""
        kernel = node.arrays["kernel"]
        require(
            kernel.ndim == 2 and shapes[0][-1:] == kernel.shape[:1],
            node,
            f"is a {kernel.shape} on {shapes[0]}",
        )
        self._bias_fits(node, kernel.shape[1])
        return (*shapes[0][:-1], kernel.shape[1])

    def linear(self, node: Node, xs: Sequence[Array]) -> Array:
        """xW."""
        return np.asarray(xs[0] @ node.arrays["kernel"], np.float64)

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """‖W‖₂."""
        if proof.get("level") == "exact":
            return exactly_at_most(node.arrays["kernel"], (), 1, bound, proof)
        return norm_at_most(node.arrays["kernel"][None], bound)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """One sum over the inputs."""
        return self._loss(node, node.arrays["kernel"].shape[0], math.prod(shapes[0][:-1]))


class Convolution(Affine):
    """A zero-padded convolution."""

    rules = frozenset({"explicit", "patches", "lags", "schur", "frequencies", "closed form"})

    def axes(self, node: Node, lengths: Sequence[int]) -> list[Axis]:
        """The axes for inputs of the given lengths."""
        o, sizes = node.options, node.arrays["kernel"].shape[:-2]
        require(
            len(lengths) == len(sizes) == len(o["strides"]) == len(o["dilation"]), node, f"reads {lengths}"
        )
        return [
            axis_of(node.name, k, s, d, o["padding"], n)
            for k, s, d, n in zip(sizes, o["strides"], o["dilation"], lengths, strict=True)
        ]

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, filters)."""
        kernel, groups = node.arrays["kernel"], node.options["groups"]
        fits = (
            kernel.ndim > 2 and kernel.shape[-2] * groups == shapes[0][-1] and kernel.shape[-1] % groups == 0
        )
        require(fits, node, f"is a kernel of {kernel.shape} on {shapes[0]}")
        self._bias_fits(node, kernel.shape[-1])
        return (*(a.outputs for a in self.axes(node, shapes[0][:-1])), kernel.shape[-1])

    def linear(self, node: Node, xs: Sequence[Array]) -> Array:
        """The sums over the windows."""
        return convolved(
            xs[0], node.arrays["kernel"], self.axes(node, xs[0].shape[1:-1]), node.options["groups"]
        )

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """By the rule that is named."""
        return self._by_rule(node, self.axes(node, shapes[0][:-1]), bound, proof)

    def _by_rule(self, node: Node, axes: Sequence[Axis], bound: float, proof: Mapping[str, Any]) -> bool:
        kernel, groups = node.arrays["kernel"], node.options["groups"]
        if proof.get("level") == "exact":
            return exactly_at_most(kernel, axes, groups, bound, proof)
        return convolution_at_most(kernel, axes, groups, bound, proof)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """One sum over the taps and the inputs of a group."""
        kernel = node.arrays["kernel"]
        positions = math.prod(self.shape(node, shapes)[:-1])
        return self._loss(node, math.prod(kernel.shape[:-1]), positions, node.options["groups"])


class TransposedConvolution(Convolution):
    """The adjoint of a convolution that reads its outputs; it has the same norm."""

    def _lengths(self, node: Node, shape: Shape) -> list[int]:
        o, sizes = node.options, node.arrays["kernel"].shape[:-2]
        require(len(shape) - 1 == len(sizes) == len(o["strides"]), node, f"reads {shape}")
        more = [
            max(k - s, 0) if o["padding"] == "valid" else 0 for k, s in zip(sizes, o["strides"], strict=True)
        ]
        return [n * s + m for n, s, m in zip(shape[:-1], o["strides"], more, strict=True)]

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, filters)."""
        kernel, lengths = node.arrays["kernel"], self._lengths(node, shapes[0])
        outputs = tuple(a.outputs for a in self.axes(node, lengths))
        fits = kernel.ndim > 2 and (*outputs, kernel.shape[-1]) == shapes[0] and node.options["groups"] == 1
        require(fits, node, f"is not the adjoint of a convolution from {lengths} to {shapes[0]}")
        require(set(node.options["dilation"]) <= {1}, node, "is dilated and transposed")
        self._bias_fits(node, kernel.shape[-2])
        return (*lengths, kernel.shape[-2])

    def linear(self, node: Node, xs: Sequence[Array]) -> Array:
        """Each input times the kernel, added up where they meet."""
        return adjoint_convolved(
            xs[0], node.arrays["kernel"], self.axes(node, self._lengths(node, xs[0].shape[1:]))
        )

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """By the rule that is named, for the convolution."""
        return self._by_rule(node, self.axes(node, self._lengths(node, shapes[0])), bound, proof)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """One sum over the taps and the channels."""
        kernel = node.arrays["kernel"]
        terms = math.prod(kernel.shape[:-2]) * kernel.shape[-1]
        return self._loss(node, terms, math.prod(self._lengths(node, shapes[0])))


class Scale(Affine):
    """factor · (x − mean) + offset, broadcast from the last axes; a computed factor is off by a relative error."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        for array in node.arrays.values():
            fits = array.ndim <= len(shapes[0]) and all(
                n in (1, m) for n, m in zip(array.shape[::-1], shapes[0][::-1], strict=False)
            )
            require(fits, node, f"scales {shapes[0]} by an array of {array.shape}")
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says."""
        x = xs[0] - node.arrays["mean"] if "mean" in node.arrays else xs[0]
        x = x * node.arrays["factor"]
        return x + node.arrays["offset"] if "offset" in node.arrays else x

    def linear(self, node: Node, xs: Sequence[Array]) -> Array:
        """Factor · x."""
        return np.asarray(xs[0] * node.arrays["factor"], np.float64)

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """The largest factor."""
        largest = Fraction(float(np.max(np.abs(node.arrays["factor"]), initial=0.0)))
        return largest * (1 + Fraction(node.options.get("factor_error", 0.0))) <= Fraction(bound)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """A difference, a product and a sum; an error of the factor counts as roundings."""
        arrays, error = node.arrays, node.options.get("factor_error", 0.0)
        factor = float(np.max(np.abs(arrays["factor"]), initial=0.0))
        if len(arrays) == 1 and not error and np.all(np.abs(arrays["factor"]) == 1.0):
            return Loss()
        mean, shift = (norm(np.broadcast_to(arrays.get(k, 0.0), shapes[0])) for k in ("mean", "offset"))
        offset, terms = (2.0 * factor * mean + shift) * SLACK, 3 + math.ceil(error / U)
        return Loss(terms, factor, offset, served=not error, interim_offset=mean)


class AveragePooling(Kind):
    """The average over windows, of which padding is no part."""

    affine = True
    rules = frozenset({"closed form", "axes"})

    def axes(self, node: Node, lengths: Sequence[int]) -> list[Axis]:
        """The axes for inputs of the given lengths."""
        o = node.options
        require(len(lengths) == len(o["pool_size"]) == len(o["strides"]), node, f"pools {lengths}")
        return [
            axis_of(node.name, k, s, 1, o["padding"], n)
            for k, s, n in zip(o["pool_size"], o["strides"], lengths, strict=True)
        ]

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, channels)."""
        return (*(a.outputs for a in self.axes(node, shapes[0][:-1])), shapes[0][-1])

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """Each axis by the matrix of its averages."""
        x = xs[0]
        for i, axis in enumerate(self.axes(node, x.shape[1:-1])):
            x = np.moveaxis(np.moveaxis(x, i + 1, -1) @ averages(axis).T, -1, i + 1)
        return x

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """A product over the axes: 1/√c where windows of c inputs or more are apart, else of stated norms."""
        axes = self.axes(node, shapes[0][:-1])
        stated = proof.get("axes")
        if stated is None:
            if any(a.stride < a.size for a in axes):
                return False
            counts = [min(np.count_nonzero(averages(a), axis=1)) for a in axes]
            return Fraction(bound) ** 2 * math.prod(int(c) for c in counts) >= 1
        product = Fraction(1)
        if not isinstance(stated, list) or len(stated) != len(axes):
            return False
        for axis, text in zip(axes, stated, strict=True):
            value = hexadecimal(text, "axes", node.name)
            # Each quotient in the matrix is rounded, by a factor of at most 1 + u.
            if not norm_at_most(averages(axis)[None], value * (1.0 - 4.0 * U)):
                return False
            product *= Fraction(value)
        return product <= Fraction(bound)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """A sum over a window and a division for each axis; the map has no negative weight."""
        size = 1.0
        for a in self.axes(node, shapes[0][:-1]):
            weights = averages(a)
            size *= math.sqrt(float(weights.sum(axis=0).max() * weights.sum(axis=1).max())) * SLACK
        taps = math.prod(node.options["pool_size"])
        return Loss(taps + 8, size, interim=math.sqrt(taps) * SLACK)


def averages(axis: Axis) -> Array:
    """The matrix of an axis, (outputs, inputs)."""
    starts = np.arange(axis.outputs)[:, None] * axis.stride - axis.left
    places = np.arange(axis.length)
    inside = ((places >= starts) & (places < starts + axis.size)).astype(np.float64)
    return np.asarray(inside / inside.sum(axis=1, keepdims=True), np.float64)


class GlobalAveragePooling(Kind):
    """The average over all positions."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1."""
        return pooled_shape(node, shapes[0])

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The mean."""
        return np.asarray(xs[0].mean(axis=tuple(range(1, xs[0].ndim - 1)), keepdims=node.options["keepdims"]))

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """1/√positions."""
        return Fraction(bound) ** 2 * math.prod(shapes[0][:-1]) >= 1

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """A sum and a division."""
        count = math.prod(shapes[0][:-1])
        return Loss(count + 8, SLACK / math.sqrt(count), interim=math.sqrt(count) * SLACK)


def pooled_shape(node: Node, shape: Shape) -> Shape:
    """What pooling all positions leaves."""
    require(len(shape) > 1, node, f"pools {shape}")
    return (*((1,) * (len(shape) - 1) if node.options["keepdims"] else ()), shape[-1])


class Centering(Kind):
    """x less its mean along some axes: a projection."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        axes = node.options["axes"]
        fits = len(axes) > 0 and len(set(axes)) == len(axes) and all(0 <= a < len(shapes[0]) for a in axes)
        require(fits, node, f"has the axes {axes}")
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says."""
        return np.asarray(xs[0] - xs[0].mean(axis=tuple(a + 1 for a in node.options["axes"]), keepdims=True))

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """1, or 0 where each mean is that of one value."""
        return bound >= (1.0 if math.prod(shapes[0][a] for a in node.options["axes"]) > 1 else 0.0)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """A sum, a division and a difference."""
        count = math.prod(shapes[0][a] for a in node.options["axes"])
        return Loss(count + 8, 2.0, interim=2.0 + math.sqrt(count))


class Repeat(Kind):
    """Each value repeated along the spatial axes."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The longer lengths."""
        times = node.options["times"]
        require(
            len(times) == len(shapes[0]) - 1 and all(t >= 1 for t in times),
            node,
            f"repeats {shapes[0]} by {times}",
        )
        return (*(n * t for n, t in zip(shapes[0], times, strict=False)), shapes[0][-1])

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says."""
        return np.asarray(np.kron(xs[0], np.ones((1, *node.options["times"], 1))), np.float64)

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """√(times)."""
        return bool(Fraction(bound) ** 2 >= math.prod(node.options["times"]))
