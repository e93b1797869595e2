"""LiteRT (TensorFlow Lite) files, by the numbers of the fields of their schema: tensorflow/lite/schema/schema.fbs."""

from __future__ import annotations

import numpy as np

from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.flatbuffer import Table
from lipbuild.verifier.exports.graph import Graph, Size, Values, product, shape_of, sizes_of
from lipbuild.verifier.exports.litert_reading import LiteRTReading, Node

_MAGIC = b"TFL3"
_WORDS = {0: "same", 1: "valid"}


def read_litert(content: bytes) -> Graph:
    """The graph of a file, and what it says of itself.

    Raises:
        UnreadableError: If it is not whole.
        RefusedError: If it holds anything that is not known.
    """
    if content[4:8] != _MAGIC:
        raise UnreadableError("it is no LiteRT file")
    model = Table.root(memoryview(content))
    graphs = model.tables(2)
    if len(graphs) != 1:
        raise RefusedError("graph", f"is one of {len(graphs)}; one is known")
    return _Reading(model, graphs[0]).graph()


class _Reading(LiteRTReading):
    """The operators."""

    # Kernels.

    def _constant_kernel(self, node: Node) -> Values:
        if len(node.inputs) < 2 or node.inputs[1] not in self.constants:
            raise RefusedError(node.output, "has a kernel that is not constant")
        return self.constants[node.inputs[1]]

    def _word(self, node: Node, field: int = 0) -> str:
        word = node.whole(field, "b")
        if word not in _WORDS:
            raise RefusedError(node.output, f"has the padding {word}")
        return _WORDS[word]

    def _read_fully_connected(self, node: Node) -> None:
        if self._constant_kernel(node).ndim != 2 or node.whole(1, "b"):
            raise RefusedError(node.output, "has a kernel of another layout than is known")
        flat = not node.whole(2, "b")
        self.add(node, "matmul", None, node.whole(0, "b"), transposed=True, flat=flat)

    def _read_conv(self, node: Node) -> None:
        self._constant_kernel(node)
        options = {
            "strides": [node.whole(2, "i"), node.whole(1, "i")],
            "dilations": [node.whole(5, "i", 1), node.whole(4, "i", 1)],
            "pads": self._word(node),
            "layout": "last",
            "groups": self.shape(node.inputs[0])[-1] // max(self._constant_kernel(node).shape[-1], 1),
            "kernel": "O..I",
        }
        self.add(node, "convolution", None, node.whole(3, "b"), **options)

    def _read_depthwise_conv(self, node: Node) -> None:
        if self._constant_kernel(node).shape[0] != 1:
            raise RefusedError(node.output, "has a kernel of another layout than is known")
        options = {
            "strides": [node.whole(2, "i"), node.whole(1, "i")],
            "dilations": [node.whole(6, "i", 1), node.whole(5, "i", 1)],
            "pads": self._word(node),
            "layout": "last",
            "groups": 0,
            "kernel": "1..O",
        }
        self.add(node, "convolution", None, node.whole(4, "b"), **options)

    def _read_transpose_conv(self, node: Node) -> None:
        kernel = self._constant_kernel(node)
        lengths = self.shape(node.output)[1:-1]
        order = (node.inputs[2], *node.inputs[1:2], *node.inputs[3:])
        options = {
            "strides": [node.whole(2, "i"), node.whole(1, "i")],
            "padding": self._word(node),
            "layout": "last",
            "kernel": "O..I",
            "lengths": lengths,
        }
        if kernel.ndim != 4 or any(n < 1 for n in lengths):
            raise RefusedError(node.output, "makes a size that is not known")
        activation = node.whole(3, "b")
        self.add(
            Node(node.code, order, node.output, None), "transposed_convolution", None, activation, **options
        )

    def _pooling(self, node: Node, kind: str) -> None:
        options = {
            "strides": [node.whole(2, "i"), node.whole(1, "i")],
            "size": [node.whole(4, "i"), node.whole(3, "i")],
            "pads": self._word(node),
            "layout": "last",
        }
        self.add(node, kind, 1, node.whole(5, "b"), **options)

    def _read_average_pool(self, node: Node) -> None:
        self._pooling(node, "average_pooling")

    def _read_max_pool(self, node: Node) -> None:
        self._pooling(node, "max_pooling")

    def _read_dequantize(self, node: Node) -> None:
        # float16 numbers as the float32 numbers that they are.
        value = self.constants.get(node.inputs[0])
        if value is None or value.dtype.name != "float16":
            raise RefusedError(node.output, "computes with numbers of few bits")
        if node.output in self.constants:
            raise RefusedError(node.output, "is computed, and a constant")
        self.constants[node.output] = value.astype(np.float32)

    # Functions of values.

    def _read_add(self, node: Node) -> None:
        self.add(node, "add", 2, node.whole(0, "b"))

    def _read_sub(self, node: Node) -> None:
        self.add(node, "subtract", 2, node.whole(0, "b"))

    def _read_mul(self, node: Node) -> None:
        self.add(node, "multiply", 2, node.whole(0, "b"))

    def _read_div(self, node: Node) -> None:
        self.add(node, "divide", 2, node.whole(0, "b"))

    def _read_leaky_relu(self, node: Node) -> None:
        self.add(node, "activation", 1, function="leaky_relu", slope=node.real(0))

    def _read_softmax(self, node: Node) -> None:
        if node.real(0) != 1.0:
            raise RefusedError(node.output, "is a softmax with a factor")
        self.add(node, "softmax", 1, axis=self._axis(node, -1))

    def _read_arg_max(self, node: Node) -> None:
        self.add(node, "argmax", 1, axis=self._axis(node, self.numbers(node, 1)[0]))

    def _read_one_hot(self, node: Node) -> None:
        on, off = (self.constants.get(name) for name in node.inputs[2:4])
        plain = on is not None and off is not None and on.tolist() == 1.0 and off.tolist() == 0.0
        if not plain or node.whole(0, "i") != -1:
            raise RefusedError(node.output, "marks by other numbers than 0 and 1")
        self.add(node, "one_hot", 1, depth=self.numbers(node, 1)[0])

    def _read_top_k(self, node: Node) -> None:
        [count] = self.numbers(node, 1)
        self.add(node, "sort_descending", 1, length=count)

    # What moves values.

    def _read_shape(self, node: Node) -> None:
        self.sizes[node.output] = sizes_of(node.inputs[0], self.rank(node.inputs[0]))

    def _read_gather(self, node: Node) -> None:
        if node.inputs[0] not in self.sizes or node.whole(0, "i") or node.whole(1, "i"):
            raise RefusedError(node.output, "is a `GATHER` of a tensor, whose constant is not known")
        sizes = self.sizes[node.inputs[0]]
        self.sizes[node.output] = [sizes[n] for n in self.numbers(node, 1)]

    def _read_reduce_prod(self, node: Node) -> None:
        if node.inputs[0] not in self.sizes or node.whole(0, "b") or self.numbers(node, 1) != [0]:
            raise RefusedError(node.output, "is a product of a tensor's numbers")
        self.sizes[node.output] = [product(node.output, self.sizes[node.inputs[0]])]

    def _read_pack(self, node: Node) -> None:
        joined: list[Size] = []
        for name in node.inputs:
            value = self.constants.get(name)
            if name in self.sizes and len(self.sizes[name]) == 1:
                joined += self.sizes[name]
            elif value is not None and value.dtype.kind == "i" and value.size == 1:
                joined.append(int(value.reshape(-1)[0]))
            else:
                raise RefusedError(node.output, "packs tensors")
        self.sizes[node.output] = joined

    def _read_reshape(self, node: Node) -> None:
        if len(node.inputs) > 1 and node.inputs[1] in self.sizes:
            wanted = shape_of(self.sizes[node.inputs[1]])
        else:
            wanted = list(self.numbers(node, 1))
        if not wanted or any(isinstance(n, int) and (n == 0 or n < -1) for n in wanted):
            raise RefusedError(node.output, f"reshapes to {wanted}")
        self.add(node, "reshape", 1, shape=wanted)

    def _resized(self, node: Node, shape: list[int], axes: list[int]) -> None:
        """An axis of length 1 more or less, by which the shape is the stated one."""
        if 0 in axes or not shape or shape != self.shape(node.output) or any(n < 1 for n in shape[1:]):
            raise RefusedError(node.output, f"has the shape {shape}")
        self.add(node, "reshape", 1, shape=[-1, *shape[1:]])

    def _read_squeeze(self, node: Node) -> None:
        shape = self.shape(node.inputs[0])
        axes = [axis + len(shape) if axis < 0 else axis for axis in node.wholes(0)]
        if not axes or any(not 0 < axis < len(shape) or shape[axis] != 1 for axis in axes):
            raise RefusedError(node.output, f"leaves out the axes {axes} of {shape}")
        self._resized(node, [n for axis, n in enumerate(shape) if axis not in axes], axes)

    def _read_expand_dims(self, node: Node) -> None:
        shape, [axis] = self.shape(node.inputs[0]), self.numbers(node, 1)
        axis += len(shape) + 1 if axis < 0 else 0
        self._resized(node, [*shape[:axis], 1, *shape[axis:]], [axis])

    def _read_transpose(self, node: Node) -> None:
        self.add(node, "transpose", 1, order=self.numbers(node, 1))

    def _read_pad(self, node: Node) -> None:
        pads = self.numbers(node, 1)
        self.add(node, "pad", 1, pads=[(pads[2 * i], pads[2 * i + 1]) for i in range(len(pads) // 2)])

    def _read_concatenation(self, node: Node) -> None:
        if any(name in self.sizes for name in node.inputs):
            if node.whole(0, "i") or node.whole(1, "b"):
                raise RefusedError(node.output, "joins sizes in a way that is not known")
            self.sizes[node.output] = [size for name in node.inputs for size in self._sized(node, name)]
            return
        self.add(node, "concatenate", None, node.whole(1, "b"), axis=self._axis(node, node.whole(0, "i")))

    def _sized(self, node: Node, name: str) -> list[Size]:
        """Sizes, or constant whole numbers in their place."""
        if name in self.sizes:
            return self.sizes[name]
        return list(self.numbers(node, node.inputs.index(name)))

    def _read_strided_slice(self, node: Node) -> None:
        starts, stops, steps = (self.numbers(node, place) for place in (1, 2, 3))
        begin, end, *others = (node.whole(field, "i") for field in range(5))
        if node.inputs[0] in self.sizes:
            # One of the sizes, or several.
            if others[:2] != [0, 0] or len(starts) != 1 or steps != [1] or begin & 1 or end & 1:
                raise RefusedError(node.output, "takes sizes in a way that is not known")
            self.sizes[node.output] = self.sizes[node.inputs[0]][starts[0] : stops[0]]
            return
        rank = self.rank(node.inputs[0])
        if any(others) or node.whole(5, "b") or len(starts) != rank or any(step < 1 for step in steps):
            raise RefusedError(node.output, "slices in a way that is not known")
        slices: list[tuple[int | None, int | None, int | None]] = []
        for axis, (start, stop, step) in enumerate(zip(starts, stops, steps, strict=True)):
            first, last = (
                None if mask >> axis & 1 else value for mask, value in ((begin, start), (end, stop))
            )
            whole = first in (None, 0) and last is None and step == 1
            slices.append((None, None, None) if whole else (first, last, step))
        self.add(node, "slice", 1, slices=slices)

    def _read_slice(self, node: Node) -> None:
        starts, counts = self.numbers(node, 1), self.numbers(node, 2)
        if len(starts) != self.rank(node.inputs[0]) or len(counts) != len(starts) or min(starts) < 0:
            raise RefusedError(node.output, "slices in a way that is not known")
        slices: list[tuple[int | None, int | None, int | None]] = [
            (None, None, None)
            if (start, count) == (0, -1)
            else (start, None if count == -1 else start + count, 1)
            for start, count in zip(starts, counts, strict=True)
        ]
        self.add(node, "slice", 1, slices=slices)

    def _reduce(self, node: Node, function: str) -> None:
        axes = [self._axis(node, axis) for axis in self.numbers(node, 1)]
        if not axes:
            raise RefusedError(node.output, "reduces no axis")
        self.add(node, "reduce", 1, function=function, axes=axes, keepdims=bool(node.whole(0, "b")))

    def _read_mean(self, node: Node) -> None:
        self._reduce(node, "mean")

    def _read_sum(self, node: Node) -> None:
        self._reduce(node, "sum")

    def _read_reduce_max(self, node: Node) -> None:
        self._reduce(node, "maximum")

    def _read_reduce_min(self, node: Node) -> None:
        self._reduce(node, "minimum")
