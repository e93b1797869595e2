"""ONNX files, read by the numbers of their fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph, Size, product, shape_of
from lipbuild.verifier.exports.onnx_kernels import OnnxKernels
from lipbuild.verifier.exports.onnx_node import DOMAINS, Node, only
from lipbuild.verifier.exports.protobuf import Message
from lipbuild.verifier.strict_json import strict_json

PREFIX = "lipbuild."
# The versions of the operators that are known; another one may compute something else by the same name.
_OPSETS = (15, 16, 17, 18)


def read_onnx(content: bytes) -> Graph:
    """The graph of a file, and what it says of itself.

    Raises:
        UnreadableError: If it is not whole.
        RefusedError: If it holds anything that is not known.
    """
    model = Message(memoryview(content))
    only(model, {1, 2, 3, 4, 5, 6, 7, 8, 14}, "model")
    # Which of two would count is up to the runtime.
    versions = [imported.whole(2) for imported in model.messages(8) if imported.text(1) in DOMAINS]
    if len(versions) != 1 or versions[0] not in _OPSETS:
        raise RefusedError(
            "graph", f"is of the operator sets {versions}; one of {_OPSETS[0]} to {_OPSETS[-1]} is known"
        )
    return _Reading(model.message(7), _description(model)).graph()


def _description(model: Message) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for entry in model.messages(14):
        key = entry.text(1)
        if not key.startswith(PREFIX):
            continue
        if key in entries:
            raise RefusedError("metadata", f"has {key!r:.80} twice")
        try:
            entries[key] = strict_json(bytes(entry.content(2)))
        except ValueError as error:
            raise RefusedError("metadata", f"{key!r:.80} cannot be read: {error}") from None
    return {key.removeprefix(PREFIX): value for key, value in entries.items()}


class _Reading(OnnxKernels):
    """Functions of values, and what moves them."""

    def _read_leaky_relu(self, node: Node) -> None:
        self.add(node, "activation", function="leaky_relu", slope=node.real("alpha", 0.01))

    def _read_elu(self, node: Node) -> None:
        self.add(node, "activation", function="elu", alpha=node.real("alpha", 1.0))

    def _read_softmax(self, node: Node) -> None:
        self.add(node, "softmax", axis=self._axis(node, node.whole("axis", -1)))

    def _read_arg_max(self, node: Node) -> None:
        if node.whole("keepdims", 1) or node.whole("select_last_index", 0):
            raise RefusedError(node.where, "is an `ArgMax` that keeps its axis, or takes the last")
        self.add(node, "argmax", self.rank(node.inputs[0]) - 1, axis=self._axis(node, node.whole("axis", 0)))

    def _read_one_hot(self, node: Node) -> None:
        values = self.constants.get(node.inputs[2])
        if values is None or values.tolist() != [0.0, 1.0] or node.whole("axis", -1) != -1:
            raise RefusedError(node.where, "is a `OneHot` of other numbers than 0 and 1")
        self.add(node, "one_hot", self.rank(node.inputs[0]) + 1, 1, depth=self.numbers(node, 1)[0])

    # What moves values.

    def _axis(self, node: Node, axis: int, rank: int | None = None) -> int:
        rank = self.rank(node.inputs[0]) if rank is None else rank
        if not -rank <= axis < rank:
            raise RefusedError(node.where, f"goes along the axis {axis} of {rank}")
        return axis % rank

    def _read_transpose(self, node: Node) -> None:
        rank = self.rank(node.inputs[0])
        self.add(node, "transpose", order=node.wholes("perm", range(rank - 1, -1, -1)))

    def _read_reshape(self, node: Node) -> None:
        if node.whole("allowzero", 0):
            raise RefusedError(node.where, "reshapes to sizes of 0")
        sizes = self._sized(node.inputs[1])
        if sizes is None:
            raise RefusedError(node.where, "reshapes to sizes that are not known")
        wanted = shape_of(sizes)
        computed = node.inputs[1] in self.sizes
        wrong = any(isinstance(n, int) and n < -1 for n in wanted)
        if wrong or (wanted.count(-1) > 1 and not computed) or (wanted or [-1])[0] == 0:
            raise RefusedError(node.where, f"reshapes to {wanted}")
        self.add(node, "reshape", len(wanted), 1, shape=wanted)

    def _read_flatten(self, node: Node) -> None:
        if node.whole("axis", 1) != 1:
            raise RefusedError(node.where, "flattens samples together")
        self.add(node, "reshape", 2, shape=[-1, -1])

    def _read_top_k(self, node: Node) -> None:
        counts, rank = self.numbers(node, 1), self.rank(node.inputs[0])
        last = node.whole("axis", -1) in (-1, rank - 1)
        if not last or len(counts) != 1 or node.whole("largest", 1) != 1 or node.whole("sorted", 1) != 1:
            raise RefusedError(node.where, "sorts another axis than the last, or a part of it")
        self.add(node, "sort_descending", rank, 1, length=counts[0])

    def _read_concat(self, node: Node) -> None:
        if any(name in self.sizes for name in node.inputs):
            joined: list[Size] = []
            for name in node.inputs:
                sizes = self._sized(name)
                if sizes is None or node.peek("axis") != 0:
                    raise RefusedError(node.where, "joins sizes and a tensor")
                joined += sizes
            node.whole("axis", 0)
            self.sizes[node.outputs[0]] = joined
            return
        self.add(node, "concatenate", None, None, axis=self._axis(node, node.whole("axis", 0)))

    def _read_slice(self, node: Node) -> None:
        starts, stops = self.numbers(node, 1), self.numbers(node, 2)
        axes = self.numbers(node, 3) if len(node.inputs) > 3 else list(range(len(starts)))
        steps = self.numbers(node, 4) if len(node.inputs) > 4 else [1] * len(starts)
        if not len(starts) == len(stops) == len(axes) == len(steps) or any(step < 1 for step in steps):
            raise RefusedError(node.where, "slices backwards, or by numbers that do not fit")
        if node.inputs[0] in self.sizes:
            if axes != [0]:
                raise RefusedError(node.where, "slices sizes along another axis")
            self.sizes[node.outputs[0]] = self.sizes[node.inputs[0]][starts[0] : stops[0] : steps[0]]
            return
        rank = self.rank(node.inputs[0])
        slices: list[tuple[int | None, int | None, int | None]] = [(None, None, None)] * rank
        for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
            whole = start == 0 and stop >= 2**31 - 1 and step == 1
            slices[self._axis(node, axis)] = (None, None, None) if whole else (start, stop, step)
        self.add(node, "slice", slices=slices)

    def _read_pad(self, node: Node) -> None:
        value = self.constants.get(node.inputs[2]) if len(node.inputs) > 2 and node.inputs[2] else None
        if node.text("mode", "constant") != "constant" or (value is not None and np.any(value != 0)):
            raise RefusedError(node.where, "pads by something else than 0")
        if (len(node.inputs) > 2 and node.inputs[2] and value is None) or len(node.inputs) > 3:
            raise RefusedError(node.where, "pads by a number that is not constant")
        pads = self.numbers(node, 1)
        half = len(pads) // 2
        self.add(node, "pad", pads=[(pads[i], pads[half + i]) for i in range(half)])

    def _reduce(self, node: Node, function: str) -> None:
        rank = self.rank(node.inputs[0])
        axes = self.numbers(node, 1) if len(node.inputs) > 1 else node.wholes("axes", [])
        if not axes:
            raise RefusedError(node.where, "reduces all axes")
        keepdims = bool(node.whole("keepdims", 1))
        node.whole("noop_with_empty_axes", 0)
        axes = [self._axis(node, axis) for axis in axes]
        self.add(
            *(node, "reduce", rank if keepdims else rank - len(axes), 1),
            function=function,
            axes=axes,
            keepdims=keepdims,
        )

    def _read_reduce_prod(self, node: Node) -> None:
        axes = self.numbers(node, 1) if len(node.inputs) > 1 else node.wholes("axes", [])
        node.whole("keepdims", 1)
        if node.inputs[0] not in self.sizes or axes != [0]:
            raise RefusedError(node.where, "is a product of a tensor's numbers")
        self.sizes[node.outputs[0]] = [product(node.where, self.sizes[node.inputs[0]])]

    def _read_reduce_mean(self, node: Node) -> None:
        self._reduce(node, "mean")

    def _read_reduce_sum(self, node: Node) -> None:
        self._reduce(node, "sum")

    def _read_reduce_max(self, node: Node) -> None:
        self._reduce(node, "maximum")

    def _read_reduce_min(self, node: Node) -> None:
        self._reduce(node, "minimum")
