"""Operations with kernels, and windows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Operation
from lipbuild.verifier.exports.lowered import Lowered, View
from lipbuild.verifier.floats import Array
from lipbuild.verifier.geometry import axis_of
from lipbuild.verifier.nodes import Node, Shape


class LoweredKernels(Lowered):
    """Products with matrices, convolutions, pooling."""

    def _named(self, operation: Operation) -> tuple[str, dict[str, Array]]:
        """The name of a kernel's result, its bias added, and that bias."""
        if len(operation.inputs) > 2:
            return operation.output, {"bias": self._constant(operation.inputs[2]).reshape(-1)}
        after = self.biases.get(operation.output)
        if after is None:
            return operation.output, {}
        [bias] = [name for name in after.inputs if name != operation.output]
        value = self._constant(bias)
        if value.size != max(value.shape, default=1):
            del self.biases[operation.output]
            return operation.output, {}
        return after.output, {"bias": value.reshape(-1)}

    def _matmul(self, operation: Operation) -> View:
        kernel = self._constant(operation.inputs[1])
        if operation.options.get("transposed"):
            kernel = kernel.T
        source = self.plain(operation.inputs[0])
        shape = self.building.shapes[source]
        if len(shape) > 1 and operation.options.get("flat") and math.prod(shape) == kernel.shape[0]:
            source = self.building.add(
                Node(f"{operation.output}:flat", "reshape", (source,), {"shape": (-1,)})
            )
            shape = (kernel.shape[0],)
        name, bias = self._named(operation)
        self.building.add(Node(name, "dense", (source,), {}, {"kernel": kernel} | bias))
        return self._made(operation, name, tuple(range(len(shape))))

    def _made(self, operation: Operation, name: str, axes: tuple[int, ...]) -> View:
        view = View(name, axes)
        if name != operation.output:
            self.views[name] = view
        return view

    def _channels_last(self, tensor: str, layout: str) -> tuple[str, tuple[int, ...]]:
        """The node of an image with channels last, and how axes of the same layout lie in such a node."""
        view = self._view(tensor)
        rank = len(view.axes)
        if layout == "last":
            return self._in_order(tensor, view), tuple(range(rank))
        last = View(view.node, (*view.axes[1:], view.axes[0]))
        return self._in_order(tensor, last), (rank - 1, *range(rank - 1))

    def _padded(
        self, name: str, source: str, sizes: Sequence[int], options: Mapping[str, Any]
    ) -> tuple[str, str]:
        """The node that windows read, and Keras's word for its padding: what no word says is padded before."""
        shape, pads = self.building.shapes[source][:-1], options["pads"]
        if isinstance(pads, str):
            return source, pads
        pads = [tuple(p) for p in pads]
        if len(pads) != len(shape) or any(n < 0 for p in pads for n in p):
            raise RefusedError(name, f"pads {shape} by {pads}")
        if all(p == (0, 0) for p in pads):
            return source, "valid"
        axes = [
            axis_of(name, k, s, d, "same", n)
            for k, s, d, n in zip(sizes, options["strides"], options["dilations"], shape, strict=True)
        ]
        if all((a.left, a.right) == p for a, p in zip(axes, pads, strict=True)):
            return source, "same"
        if not options.get("pads_zeros", True):
            raise RefusedError(name, f"has windows beyond its input, padded by {pads}")
        return self.building.add(
            Node(f"{name}:padded", "zero_padding", (source,), {"padding": tuple(pads)})
        ), "valid"

    def _convolution(self, operation: Operation) -> View:
        o = operation.options
        source, axes = self._channels_last(operation.inputs[0], o["layout"])
        kernel, groups = self._constant(operation.inputs[1]), o["groups"]
        taps = kernel.ndim - 2
        if o["kernel"] == "OI":
            kernel = kernel.transpose(*range(2, taps + 2), 1, 0)
        elif o["kernel"] == "O..I":
            kernel = kernel.transpose(*range(1, taps + 1), taps + 1, 0)
        elif o["kernel"] == "1..O":
            kernel, groups = kernel.reshape(*kernel.shape[1:-1], 1, -1), self.building.shapes[source][-1]
        elif o["kernel"] == "..CM":
            groups = kernel.shape[-2]
            kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
        if not groups:
            groups = max(self.building.shapes[source][-1] // kernel.shape[-2], 1)
        name, bias = self._named(operation)
        source, padding = self._padded(name, source, kernel.shape[:-2], o)
        geometry = {
            "strides": tuple(o["strides"]),
            "padding": padding,
            "dilation": tuple(o["dilations"]),
            "groups": groups,
        }
        self.building.add(Node(name, "convolution", (source,), geometry, {"kernel": kernel} | bias))
        return self._made(operation, name, axes)

    def _transposed_convolution(self, operation: Operation) -> View:
        """Its kernel is (*taps, outputs, inputs); where the outputs begin is that of a convolution of its outputs."""
        o = operation.options
        source, axes = self._channels_last(operation.inputs[0], o["layout"])
        kernel = self._constant(operation.inputs[1])
        if o["kernel"] == "IO":
            kernel = kernel.transpose(*range(2, kernel.ndim), 1, 0)
        elif o["kernel"] == "O..I":
            kernel = kernel.transpose(*range(1, kernel.ndim - 1), 0, kernel.ndim - 1)
        name, bias = self._named(operation)
        padding = o.get("padding")
        if padding is None:
            padding = self._transposed_padding(name, self.building.shapes[source][:-1], kernel.shape[:-2], o)
        geometry = {"strides": tuple(o["strides"]), "padding": padding, "dilation": (1,) * (kernel.ndim - 2)}
        self.building.add(
            Node(
                name,
                "transposed_convolution",
                (source,),
                {**geometry, "groups": 1},
                {"kernel": kernel} | bias,
            )
        )
        shape = self.building.shapes[name]
        if "lengths" in o and shape[:-1] != tuple(o["lengths"]):
            raise RefusedError(name, f"makes {o['lengths']}, where {shape[:-1]} is known")
        return self._made(operation, name, axes)

    def _transposed_padding(
        self, name: str, lengths: Shape, sizes: Sequence[int], options: Mapping[str, Any]
    ) -> str:
        """Keras's word for what is cut off the whole adjoint on both sides."""
        if options["groups"] != 1 or set(options["dilations"]) > {1}:
            raise RefusedError(name, "is grouped or dilated and transposed")
        for padding in ("valid", "same"):
            cuts = []
            for n, k, s in zip(lengths, sizes, options["strides"], strict=True):
                length = n * s + (max(k - s, 0) if padding == "valid" else 0)
                left = axis_of(name, k, s, 1, padding, length).left
                cuts.append((left, (n - 1) * s + k - left - length))
            stated = zip(options["pads"], options["more"], strict=True)
            if [(before, after - more) for (before, after), more in stated] == cuts:
                return padding
        raise RefusedError(name, f"cuts off {options['pads']}, which is not known")

    def _pooling(self, kind: str, operation: Operation) -> View:
        o = operation.options
        source, axes = self._channels_last(operation.inputs[0], o["layout"])
        name, size = operation.output, tuple(o["size"])
        options = {**o, "dilations": (1,) * len(size), "pads_zeros": False}
        source, padding = self._padded(name, source, size, options)
        self.building.add(
            Node(
                name,
                kind,
                (source,),
                {"pool_size": size, "strides": tuple(o["strides"]), "padding": padding},
            )
        )
        return View(name, axes)

    def _average_pooling(self, operation: Operation) -> View:
        return self._pooling("average_pooling", operation)

    def _max_pooling(self, operation: Operation) -> View:
        return self._pooling("max_pooling", operation)
