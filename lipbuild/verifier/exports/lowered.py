"""Tensors of an exported file as nodes of a model: what all operations are made with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.verifier.building import Building
from lipbuild.verifier.call import Call, Reader
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph, Operation
from lipbuild.verifier.floats import Array
from lipbuild.verifier.layers import reader_of
from lipbuild.verifier.nodes import Node, Shape
from lipbuild.verifier.options import Options

# What may be done to the rows of all samples at once.
_OF_ROWS = ("matmul", "activation", "add", "identity", "reshape")
KERNELS = ("matmul", "convolution", "transposed_convolution")


@dataclass(frozen=True)
class View:
    """A tensor of the file: a node with its axes in another order. Axis i of a sample is axis axes[i] of the node."""

    node: str
    axes: tuple[int, ...]


class Lowered:
    """The nodes that have been made, and the tensors as views of them."""

    def __init__(self, graph: Graph, part: Sequence[Operation]) -> None:
        self.graph = graph
        self.building = Building()
        source = self.building.add(Node(graph.input, "input", (), {"shape": graph.shape}))
        self.views = {graph.input: View(source, tuple(range(len(graph.shape))))}
        # Matrices whose rows are those of all samples, one after the other, by the nodes that they are of.
        self.rows: dict[str, str] = {}
        uses = Counter(name for operation in part for name in operation.inputs)
        # A bias that is added by itself belongs to its kernel.
        self.biases: dict[str, Operation] = {}
        for operation in part:
            for kernel, bias in (operation.inputs, operation.inputs[::-1]) if operation.kind == "add" else ():
                maker = graph.makers.get(kernel)
                fits = maker is not None and maker.kind in KERNELS and len(maker.inputs) == 2
                if fits and bias in graph.constants and uses[kernel] == 1:
                    self.biases[kernel] = operation

    def operation(self, operation: Operation) -> None:
        """Add its nodes."""
        read: Callable[[Operation], View | None] | None = getattr(self, f"_{operation.kind}", None)
        if read is None:
            raise RefusedError(
                operation.output, f"is the operation `{operation.kind}`, whose constant is not known"
            )
        if operation.inputs and operation.inputs[0] in self.rows:
            self._of_rows(operation, read)
            return
        view = read(operation)
        if view is not None:
            self.views[operation.output] = view
        if operation.output not in self.rows:
            self._check_stated(operation.output)

    def _of_rows(self, operation: Operation, read: Callable[[Operation], View | None]) -> None:
        """An operation on rows, which computes the same with the samples apart."""
        source, output = operation.inputs[0], operation.output
        if operation.kind not in _OF_ROWS or not all(map(self._is_constant, operation.inputs[1:])):
            raise RefusedError(output, f"is the operation `{operation.kind}` on the rows of all samples")
        if output not in self.rows:
            node = self.rows[source]
            self.views[source] = View(node, tuple(range(len(self.building.shapes[node]))))
            view = read(
                Operation(operation.kind, operation.inputs, output, {**operation.options, "flat": False})
            )
            del self.views[source]
            if view is not None and operation.kind == "reshape":
                self.views[output] = view
                self._check_stated(output)
                return
            if view is not None:
                self.rows[output] = view.node
            if view is not None and operation.kind == "matmul" and view.node != output:
                # A bias that is added by itself was made together with its kernel.
                del self.views[view.node]
                self.rows[view.node] = view.node
        stated = self.graph.stated.get(output, ())
        if len(stated) and (
            len(stated) != 2 or stated[1] not in (-1, self.building.shapes[self.rows[output]][-1])
        ):
            raise RefusedError(output, f"is said to have the shape {list(stated)}")

    def _check_stated(self, tensor: str) -> None:
        """A file's own word for the shape of a tensor is believed by its reader, and held against it here."""
        stated = [int(n) for n in self.graph.stated.get(tensor, ())][1:]
        shape = self._shape(self.views[tensor])
        if tensor in self.graph.stated and (
            len(stated) != len(shape)
            or any(n not in (-1, size) for n, size in zip(stated, shape, strict=True))
        ):
            raise RefusedError(tensor, f"is said to have the shape {stated}, and has {list(shape)}")

    def plain(self, tensor: str) -> str:
        """The node of a tensor with its axes in order, which is made where there is none."""
        return self._in_order(tensor, self._view(tensor))

    def _in_order(self, tensor: str, view: View) -> str:
        if view.axes == tuple(range(len(view.axes))):
            return view.node
        name = f"{tensor}:{'.'.join(map(str, view.axes))}"
        if name not in self.building.nodes:
            self.building.add(Node(name, "permute", (view.node,), {"dims": tuple(a + 1 for a in view.axes)}))
        return name

    def _view(self, tensor: str) -> View:
        if tensor not in self.views:
            raise RefusedError(tensor, "is a constant or a number of another type, where a tensor is needed")
        return self.views[tensor]

    def _shape(self, view: View) -> Shape:
        """Of a sample of the tensor."""
        shape = self.building.shapes[view.node]
        return tuple(shape[a] for a in view.axes)

    def _constant(self, tensor: str) -> Array:
        value = self.graph.constants[tensor]
        if value.dtype.name != "float32" or not np.isfinite(value).all():
            raise RefusedError(
                tensor, f"is a constant of {value.dtype.name}; finite float32 numbers are known"
            )
        return np.asarray(value, np.float64)

    def _is_constant(self, tensor: str) -> bool:
        return tensor in self.graph.constants

    def _spread(self, tensor: str, view: View) -> Array:
        """A constant that meets a tensor, in the order of its node's axes."""
        value, rank = self._constant(tensor), len(view.axes)
        if value.size == 1 and value.ndim <= rank + 1:
            return value.reshape(())
        if value.ndim > rank + 1 or (value.ndim == rank + 1 and len(value) != 1):
            raise RefusedError(tensor, f"has the shape {value.shape}, beside a tensor of {rank} axes")
        value = value.reshape(
            value.shape[1:] if value.ndim > rank else (1,) * (rank - value.ndim) + value.shape
        )
        if np.broadcast_shapes(value.shape, self._shape(view)) != self._shape(view):
            raise RefusedError(tensor, f"has the shape {value.shape}, beside one of {self._shape(view)}")
        return np.asarray(value.transpose([view.axes.index(a) for a in range(rank)]), np.float64)

    def _together(self, tensors: Sequence[str]) -> tuple[list[str], tuple[int, ...]]:
        """Nodes that have their axes in one order, and that order."""
        views = [self._view(tensor) for tensor in tensors]
        if len({view.axes for view in views}) == 1:
            return [view.node for view in views], views[0].axes
        return [self.plain(tensor) for tensor in tensors], tuple(range(len(views[0].axes)))

    def _read(
        self, reader: Reader, name: str, inputs: Sequence[str], arguments: Any = (), **options: Any
    ) -> str:
        """The node that a reader of layers of Keras makes of nodes."""
        call = Call(name, tuple(inputs), self.building, Options(name, options), reader_of, (), arguments)
        reader(call)
        call.options.finish()
        return call.last
