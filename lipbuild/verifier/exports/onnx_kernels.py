"""Operators of ONNX with kernels and windows."""

from __future__ import annotations

from typing import Any

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Values
from lipbuild.verifier.exports.onnx_node import Node
from lipbuild.verifier.exports.onnx_reading import OnnxReading


class OnnxKernels(OnnxReading):
    """Products, convolutions and pooling."""

    def _read_mat_mul(self, node: Node) -> None:
        if node.inputs[1] not in self.constants or self.rank(node.inputs[1]) != 2:
            raise RefusedError(node.where, "is a product of two tensors")
        self.add(node, "matmul", self.rank(node.inputs[0]), 2)

    def _read_gemm(self, node: Node) -> None:
        fine = (
            node.real("alpha", 1.0) == 1.0 and node.real("beta", 1.0) == 1.0 and not node.whole("transA", 0)
        )
        if not fine or node.inputs[1] not in self.constants:
            raise RefusedError(node.where, "is a `Gemm` of another form than xW + b")
        self.add(node, "matmul", 2, None, transposed=bool(node.whole("transB", 0)))

    def _windows(self, node: Node, rank: int) -> dict[str, Any]:
        """Strides, dilations and padding."""
        axes = rank - 2
        word, dilations = node.text("auto_pad", "NOTSET"), node.wholes("dilations", [1] * axes)
        pads: Any = node.wholes("pads", [0] * 2 * axes)
        # Beside a word the numbers do not count.
        fine = word == "NOTSET" or (word == "VALID" and not any(pads))
        if not fine or len(pads) != 2 * axes or len(dilations) != axes:
            raise RefusedError(node.where, f"pads by {pads}, {word!r:.40}")
        strides = node.wholes("strides", [1] * axes)
        if len(strides) != axes:
            raise RefusedError(node.where, f"has the strides {strides}")
        pairs = [(pads[i], pads[axes + i]) for i in range(axes)]
        return {"strides": strides, "dilations": dilations, "pads": pairs, "layout": "first"}

    def _kernel(self, node: Node) -> Values:
        if node.inputs[1] not in self.constants:
            raise RefusedError(node.where, "has a kernel that is not constant")
        kernel = self.constants[node.inputs[1]]
        if node.wholes("kernel_shape", kernel.shape[2:]) != list(kernel.shape[2:]):
            raise RefusedError(node.where, "has a kernel of another shape than it says")
        return kernel

    def _read_conv(self, node: Node) -> None:
        kernel = self._kernel(node)
        groups = node.whole("group", 1)
        self.add(
            node,
            "convolution",
            kernel.ndim,
            None,
            **self._windows(node, kernel.ndim),
            groups=groups,
            kernel="OI",
        )

    def _read_conv_transpose(self, node: Node) -> None:
        kernel = self._kernel(node)
        axes = kernel.ndim - 2
        lengths = node.wholes("output_shape", [])
        options = self._windows(node, kernel.ndim)
        more = node.wholes("output_padding", [0] * axes)
        if lengths or len(more) != axes:
            raise RefusedError(node.where, "states the shape of its result")
        self.add(
            *(node, "transposed_convolution", kernel.ndim, None),
            **options,
            groups=node.whole("group", 1),
            more=more,
            kernel="IO",
        )

    def _pooling(self, node: Node, kind: str) -> None:
        rank = self.rank(node.inputs[0])
        size, options = node.wholes("kernel_shape", []), self._windows(node, rank)
        if (
            node.whole("ceil_mode", 0)
            or set(options.pop("dilations")) > {1}
            or node.whole("storage_order", 0)
        ):
            raise RefusedError(node.where, "pools with options that are not known")
        self.add(node, kind, **options, size=size)

    def _read_average_pool(self, node: Node) -> None:
        if node.whole("count_include_pad", 0):
            raise RefusedError(node.where, "counts padding in its averages")
        self._pooling(node, "average_pooling")

    def _read_max_pool(self, node: Node) -> None:
        self._pooling(node, "max_pooling")

    def _read_global_average_pool(self, node: Node) -> None:
        self._whole(node, "mean")

    def _read_global_max_pool(self, node: Node) -> None:
        self._whole(node, "maximum")

    def _whole(self, node: Node, function: str) -> None:
        rank = self.rank(node.inputs[0])
        self.add(node, "reduce", function=function, axes=list(range(2, rank)), keepdims=True)
