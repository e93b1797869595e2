"""A function of TensorFlow: nodes that read each other, and variables that are given to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph, Operation, shape_of
from lipbuild.verifier.exports.tensorflow_node import Node
from lipbuild.verifier.exports.tensorflow_reading import TensorFlowReading

# Operations without options: what they are here, how many inputs they have, and their options.
_SIMPLE: dict[str, tuple[str, int, dict[str, Any]]] = {
    "Identity": ("identity", 1, {}),
    # Its first result, beside which others stand for a gradient.
    "IdentityN": ("identity", 1, {}),
    "Neg": ("negative", 1, {}),
    "Square": ("square", 1, {}),
    "Sqrt": ("square_root", 1, {}),
    "SelectV2": ("where", 3, {}),
    "Cast": ("cast", 1, {}),
    "Elu": ("activation", 1, {"function": "elu", "alpha": 1.0}),
    **{
        name: ("activation", 1, {"function": name.lower()})
        for name in ("Relu", "Relu6", "Abs", "Tanh", "Sigmoid", "Softplus", "Softsign")
    },
    **{
        name: (kind, 2, {})
        for name, kind in (
            *(
                ("AddV2", "add"),
                ("BiasAdd", "add"),
                ("Sub", "subtract"),
                ("Mul", "multiply"),
                ("RealDiv", "divide"),
            ),
            *(("Maximum", "maximum"), ("Minimum", "minimum"), ("Less", "less"), ("Greater", "greater")),
            *(("Equal", "equal"), ("LogicalAnd", "and")),
        )
    },
}
_REDUCTIONS = {"Sum": "sum", "Mean": "mean", "Max": "maximum", "Min": "minimum"}
_READERS = {
    "Const": "const", "ReadVariableOp": "variable", "NoOp": "nothing", "MatMul": "mat_mul", "Conv2D": "conv",
    "DepthwiseConv2dNative": "depthwise", "AvgPool": "avg_pool", "MaxPool": "max_pool", "Reshape": "reshape",
    "Transpose": "transpose", "StridedSlice": "strided_slice", "ConcatV2": "concat", "Pad": "pad", "Shape": "shape",
    "Pack": "pack", "ArgMax": "arg_max", "OneHot": "one_hot", "Squeeze": "squeeze", "LeakyRelu": "leaky_relu",
    "TopKV2": "top_k", "ExpandDims": "expand_dims", "GatherV2": "gather", "Prod": "prod",
    "Conv2DBackpropInput": "transposed",
    "Bitcast": "bitcast", "BitwiseAnd": "bitwise_and", **dict.fromkeys(_REDUCTIONS, "reduce"),
}  # fmt: skip


class TensorFlowFunction(TensorFlowReading):
    """The operations of a function."""

    def graph(self, outputs: Mapping[str, str], description: Mapping[str, Any]) -> Graph:
        """All of it.

        Args:
            outputs: The nodes that make the results, by the names of these.
            description: What the file says of itself.
        """
        for node in self.waiting:
            self._node(node)
        return Graph(self.source, self.shape, self.operations, self.constants, outputs, description)

    def _node(self, node: Node) -> None:
        if node.kind == "Neg" and node.inputs[0] in self.constants:
            self.constants[node.name] = -self.constants[node.inputs[0]]
        elif node.kind in _SIMPLE:
            kind, count, options = _SIMPLE[node.kind]
            if node.text("data_format", "NHWC") != "NHWC":
                raise RefusedError(node.name, "has channels first")
            self.add(node, kind, count, **options)
        elif node.kind in _READERS:
            read: Callable[[Node], None] = getattr(self, f"_read_{_READERS[node.kind]}")
            read(node)
        else:
            raise RefusedError(node.name, f"is a `{node.kind:.80}`, whose constant is not known")
        node.finish()

    def _read_mat_mul(self, node: Node) -> None:
        if node.flag("transpose_a") or node.inputs[1] not in self.constants:
            raise RefusedError(node.name, "is a product of another form than xW")
        self.add(node, "matmul", 2, transposed=node.flag("transpose_b"))

    def _geometry(self, node: Node) -> dict[str, Any]:
        strides, dilations = node.wholes("strides"), node.wholes("dilations") or [1] * 4
        word = node.text("padding", "").lower()
        plain = len(strides) == len(dilations) == 4 and {
            strides[0],
            strides[3],
            dilations[0],
            dilations[3],
        } == {1}
        if not plain or word not in ("same", "valid") or node.text("data_format", "NHWC") != "NHWC":
            raise RefusedError(node.name, f"has the strides {strides} and the padding {word!r:.20}")
        node.wholes("explicit_paddings")
        return {"strides": strides[1:3], "dilations": dilations[1:3], "pads": word, "layout": "last"}

    def _read_conv(self, node: Node) -> None:
        self._convolution(node, "..IO")

    def _read_depthwise(self, node: Node) -> None:
        self._convolution(node, "..CM")

    def _convolution(self, node: Node, kernel: str) -> None:
        if node.inputs[1] not in self.constants or self.constants[node.inputs[1]].ndim != 4:
            raise RefusedError(node.name, "has a kernel that is not constant")
        # How many groups there are follows from the channels of what is read.
        self.add(node, "convolution", 2, **self._geometry(node), groups=0, kernel=kernel)

    def _read_transposed(self, node: Node) -> None:
        sizes, kernel, source = node.inputs
        wanted = self.sizes.get(sizes, [])
        if kernel not in self.constants or self.constants[kernel].ndim != 4 or len(wanted) != 4:
            raise RefusedError(node.name, "has a kernel or a size that is not constant")
        geometry = self._geometry(node)
        padding = geometry.pop("pads")
        if set(geometry.pop("dilations")) != {1}:
            raise RefusedError(node.name, "is dilated and transposed")
        if shape_of(wanted)[0] != -1 or self.constants[kernel].shape[2] != wanted[3]:
            raise RefusedError(node.name, f"makes the shape {wanted}")
        node.inputs = [source, kernel]
        options = {**geometry, "padding": padding, "kernel": "..OI", "lengths": wanted[1:3]}
        self.add(node, "transposed_convolution", 2, **options)

    def _pooling(self, node: Node, kind: str) -> None:
        size = node.wholes("ksize")
        geometry = self._geometry(node)
        if len(size) != 4 or {size[0], size[3]} != {1} or set(geometry.pop("dilations")) != {1}:
            raise RefusedError(node.name, f"pools {size}")
        self.add(node, kind, 1, **geometry, size=size[1:3])

    def _read_avg_pool(self, node: Node) -> None:
        self._pooling(node, "average_pooling")

    def _read_max_pool(self, node: Node) -> None:
        self._pooling(node, "max_pooling")

    def _read_leaky_relu(self, node: Node) -> None:
        self.add(node, "activation", 1, function="leaky_relu", slope=node.real("alpha"))

    def _read_reduce(self, node: Node) -> None:
        axes = self.numbers(node, 1)
        self.add(
            *(node, "reduce", 1), function=_REDUCTIONS[node.kind], axes=axes, keepdims=node.flag("keep_dims")
        )

    def _read_arg_max(self, node: Node) -> None:
        self.add(node, "argmax", 1, axis=self.numbers(node, 1)[0])

    def _read_one_hot(self, node: Node) -> None:
        on, off = (self.constants.get(name) for name in node.inputs[2:4])
        if (
            on is None
            or off is None
            or on.tolist() != 1.0
            or off.tolist() != 0.0
            or node.whole("axis", -1) != -1
        ):
            raise RefusedError(node.name, "marks by other numbers than 0 and 1")
        self.add(node, "one_hot", 1, depth=self.numbers(node, 1)[0])

    def _read_squeeze(self, node: Node) -> None:
        axes, source = node.wholes("squeeze_dims"), node.inputs[0]
        if source in self.constants:
            self.constants[node.name] = self.constants[source].squeeze(tuple(axes) if axes else None)
            return
        if not axes:
            raise RefusedError(node.name, f"is a `Squeeze` along the axes {axes}")
        self.add(node, "squeeze", 1, axes=axes)

    def _read_expand_dims(self, node: Node) -> None:
        [axis] = self.numbers(node, 1)
        if node.inputs[0] in self.constants:
            self.constants[node.name] = np.expand_dims(self.constants[node.inputs[0]], axis)
            return
        self.add(node, "expand", 1, axes=[axis])

    def _read_top_k(self, node: Node) -> None:
        if not node.take("sorted").whole(5, 1):
            raise RefusedError(node.name, "takes the largest numbers in any order")
        source, count = node.inputs
        if count not in self.lengths:
            self.add(node, "sort_descending", 1, length=self.numbers(node, 1)[0])
            return
        tensor, axis = self.lengths[count]
        if tensor != source:
            raise RefusedError(node.name, "sorts as many numbers as another tensor has")
        self.add(node, "sort_descending", 1, last=axis)

    def _read_reshape(self, node: Node) -> None:
        source, sizes = node.inputs
        if source in self.constants:
            self.constants[node.name] = self.constants[source].reshape(self.numbers(node, 1))
            return
        wanted = shape_of(self.sizes[sizes]) if sizes in self.sizes else list(self.numbers(node, 1))
        if source in self.bits:
            # Back to the shape that it had before its bits were masked, which is looked at where that is known.
            tensor, mask, row = self.bits[source]
            operation = Operation("masked_signs", (tensor, mask), node.name, {"row": row, "shape": wanted})
            self.operations.append(operation)
            return
        self.add(node, "reshape", 1, shape=wanted)

    def _read_bitcast(self, node: Node) -> None:
        """Of rows of float32 numbers to their bits, or back."""
        source = node.inputs[0]
        if source in self.bits:
            self.bits[node.name] = self.bits[source]
            return
        rows = next((o for o in self.operations if o.output == source and o.kind == "reshape"), None)
        if rows is None or len(rows.options["shape"]) != 2 or rows.options["shape"][0] != -1:
            raise RefusedError(node.name, "takes the bits of something else than rows")
        self.operations.remove(rows)
        self.bits[node.name] = (rows.inputs[0], "", int(rows.options["shape"][1]))

    def _read_bitwise_and(self, node: Node) -> None:
        source, mask = node.inputs
        if source not in self.bits or self.bits[source][1] or mask not in self.constants:
            raise RefusedError(node.name, "masks something else than the bits of rows")
        tensor, _, row = self.bits[source]
        self.bits[node.name] = (tensor, mask, row)

    def _read_transpose(self, node: Node) -> None:
        self.add(node, "transpose", 1, order=self.numbers(node, 1))

    def _read_pad(self, node: Node) -> None:
        pads = self.numbers(node, 1)
        self.add(node, "pad", 1, pads=[(pads[2 * i], pads[2 * i + 1]) for i in range(len(pads) // 2)])

    def _read_concat(self, node: Node) -> None:
        [axis] = self.numbers(node, len(node.inputs) - 1)
        parts = node.inputs[:-1]
        if all(name in self.constants and self.constants[name].dtype.kind == "i" for name in parts):
            self.constants[node.name] = np.concatenate([self.constants[name] for name in parts], axis)
            return
        if any(name in self.sizes for name in parts):
            if axis or any(name in self.shaped for name in parts):
                raise RefusedError(node.name, "joins sizes in a way that is not known")
            self.sizes[node.name] = [
                size
                for place, name in enumerate(parts)
                for size in self.sizes.get(name) or self.numbers(node, place)
            ]
            return
        self.add(node, "concatenate", len(node.inputs) - 1, axis=axis)

    def _read_strided_slice(self, node: Node) -> None:
        starts, stops, steps = (self.numbers(node, place) for place in (1, 2, 3))
        begin, end, shrink = (node.whole(f"{name}_mask", 0) for name in ("begin", "end", "shrink_axis"))
        others = [node.whole(f"{name}_mask", 0) for name in ("ellipsis", "new_axis")]
        if node.inputs[0] in self.sizes:
            one = len(starts) == 1 and stops == [starts[0] + 1] and steps == [1] and starts[0] > 0
            if one and shrink and not any(others) and not begin and not end and node.inputs[0] in self.shaped:
                self.lengths[node.name] = (self.shaped[node.inputs[0]], starts[0])
                return
            if any(others) or (starts, stops, steps) != ([0], [1], [1]) or begin & 1 or end & 1:
                raise RefusedError(node.name, "takes other sizes than that of the batch")
            self.sizes[node.name] = self.sizes[node.inputs[0]][:1]
            return
        if any(others) or shrink or any(step < 1 for step in steps):
            raise RefusedError(node.name, "slices in a way that is not known")
        slices: list[tuple[int | None, int | None, int | None]] = []
        for axis, (start, stop, step) in enumerate(zip(starts, stops, steps, strict=True)):
            first, last = (
                None if mask >> axis & 1 else value for mask, value in ((begin, start), (end, stop))
            )
            whole = first in (None, 0) and last is None and step == 1
            slices.append((None, None, None) if whole else (first, last, step))
        self.add(node, "slice", 1, slices=slices)
