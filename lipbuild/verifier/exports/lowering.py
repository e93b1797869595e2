"""From the operations of an exported file to those that a certificate speaks of."""

from __future__ import annotations

import math

import numpy as np

from lipbuild.verifier import functions, moving_layers
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph, Operation, Size
from lipbuild.verifier.exports.lowered import View
from lipbuild.verifier.exports.lowered_functions import LoweredFunctions
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Node


def model_of_graph(graph: Graph, output: str) -> Model:
    """What one of the results of a file is, as operations of which a certificate may speak.

    Channels come last in them, wherever the file has them: a convolution with channels first reads the same numbers in
    another order.

    Args:
        graph: The file.
        output: The name of the result.

    Raises:
        RefusedError: If an operation, or what it is set to, is not known; the message names it.
    """
    if output not in graph.outputs:
        raise RefusedError("graph", f"has no output {output!r:.80}")
    target = graph.outputs[output]
    needed, part = {target}, []
    for operation in reversed(graph.operations):
        if operation.output in needed:
            sizes = [size for size in operation.options.get("shape", ()) if not isinstance(size, int)]
            needed.update(operation.inputs, *([tensor for tensor, _ in size] for size in sizes))
            part.append(operation)
    lowering = _Lowering(graph, part[::-1])
    try:
        for operation in part[::-1]:
            lowering.operation(operation)
        return lowering.building.model(lowering.plain(target))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise RefusedError("graph", f"cannot be read: {error!r:.200}") from error


class _Lowering(LoweredFunctions):
    """What moves values, and all before."""

    def _transpose(self, operation: Operation) -> View:
        view, order = self._view(operation.inputs[0]), list(operation.options["order"])
        if sorted(order) != list(range(len(view.axes) + 1)) or order[0] != 0:
            raise RefusedError(operation.output, f"moves the axis of samples, by {order}")
        return View(view.node, tuple(view.axes[a - 1] for a in order[1:]))

    def _size(self, operation: Operation, size: Size) -> int:
        """A size as a number; −k for k times the batch."""
        if isinstance(size, int):
            return size
        batches = [tensor for tensor, axis in size if axis == 0]
        shapes = [(self._shape(self._view(tensor)), axis) for tensor, axis in size if axis != 0]
        if len(batches) > 1 or any(tensor not in self.views for tensor in batches):
            raise RefusedError(operation.output, "takes another number than that of the samples for it")
        if any(not 0 < axis <= len(shape) for shape, axis in shapes):
            raise RefusedError(operation.output, "takes the length of an axis that is not there")
        return (-1 if batches else 1) * math.prod(shape[axis - 1] for shape, axis in shapes)

    def _reshape(self, operation: Operation) -> View | None:
        tensor = operation.inputs[0]
        wanted = [self._size(operation, size) for size in operation.options["shape"]]
        view = self._view(tensor)
        shape = self._shape(view)
        if not wanted or any(n < -1 or n == 0 for n in wanted[1:]):
            raise RefusedError(operation.output, f"reshapes samples together: {wanted}")
        target = wanted[1:]
        rows = math.prod(shape[:-1])
        if len(target) == 1 and target[0] == shape[-1] and rows > 1 and wanted[0] in (-1, -rows):
            self.rows[operation.output] = self._in_order(tensor, view)
            return None
        if wanted[0] != -1:
            raise RefusedError(operation.output, f"reshapes samples together: {wanted}")
        if target.count(-1) > 1:
            raise RefusedError(operation.output, f"has the shape {wanted}")
        if -1 in target:
            known = math.prod(n for n in target if n != -1)
            target[target.index(-1)] = math.prod(shape) // known
        if math.prod(target) != math.prod(shape):
            raise RefusedError(operation.output, f"reshapes {shape} to {target}")
        if tuple(target) == shape:
            return view
        if len(target) == len(shape) and [n for n in target if n > 1] == [n for n in shape if n > 1]:
            # Axes of length 1 are moved.
            long, short = ([a for a, n in zip(view.axes, shape) if (n > 1) is kind] for kind in (True, False))
            axes = tuple(long.pop(0) if n > 1 else short.pop(0) for n in target)
            return View(view.node, axes)
        source = self._in_order(tensor, view)
        self.building.add(Node(operation.output, "reshape", (source,), {"shape": tuple(target)}))
        return View(operation.output, tuple(range(len(target))))

    def _expand(self, operation: Operation) -> View | None:
        """An axis of length 1 more."""
        shape = self._shape(self._view(operation.inputs[0]))
        [place] = self._places(operation, len(shape) + 2)
        target = [-1, *shape[: place - 1], 1, *shape[place - 1 :]]
        return self._reshape(Operation("reshape", operation.inputs, operation.output, {"shape": target}))

    def _squeeze(self, operation: Operation) -> View | None:
        """Axes of length 1 less."""
        shape = self._shape(self._view(operation.inputs[0]))
        places = self._places(operation, len(shape) + 1)
        if any(shape[place - 1] != 1 for place in places):
            raise RefusedError(operation.output, f"leaves out the axes {sorted(places)} of {shape}")
        target = [-1, *(n for place, n in enumerate(shape, 1) if place not in places)]
        return self._reshape(Operation("reshape", operation.inputs, operation.output, {"shape": target}))

    def _places(self, operation: Operation, rank: int) -> set[int]:
        """Of axes among so many, the batch counted, which is none of them."""
        axes = operation.options["axes"]
        places = {axis + rank if axis < 0 else axis for axis in axes}
        if not all(1 <= place < rank for place in places) or len(places) < len(axes):
            raise RefusedError(operation.output, f"goes along the axes {axes} of {rank}")
        return places

    def _sort_descending(self, operation: Operation) -> View:
        """All numbers along the last axis, the largest first: −sort(−x)."""
        view, options = self._view(operation.inputs[0]), operation.options
        shape, output = self._shape(view), operation.output
        whole = options["last"] == len(shape) if "last" in options else options["length"] == shape[-1]
        if not whole:
            raise RefusedError(output, f"takes a part of the largest numbers of {shape}")
        minus = {"factor": np.array(-1.0)}
        self.building.add(Node(f"{output}:negative", "scale", (view.node,), {}, minus))
        axis = {"axis": view.axes[-1]}
        self.building.add(Node(f"{output}:sorted", "sort", (f"{output}:negative",), axis))
        self.building.add(Node(output, "scale", (f"{output}:sorted",), {}, minus))
        return View(output, view.axes)

    def _slice(self, operation: Operation) -> View:
        view, slices = self._view(operation.inputs[0]), list(operation.options["slices"])
        shape = self.building.shapes[view.node]
        if slices[0] != (None, None, None) or len(slices) != len(shape) + 1:
            raise RefusedError(operation.output, "takes a part of the samples")
        wanted: list[tuple[int | None, int | None, int | None]] = [(None, None, None)] * len(shape)
        for axis, (start, stop, step) in zip(view.axes, slices[1:], strict=True):
            if step is not None and step < 1:
                raise RefusedError(operation.output, "slices backwards")
            begin, end, by = slice(start, stop, step).indices(shape[axis])
            wanted[axis] = (begin or None, None if end >= shape[axis] else end, None if by == 1 else by)
        self.building.add(Node(operation.output, "slice", (view.node,), {"slices": tuple(wanted)}))
        return View(operation.output, view.axes)

    def _concatenate(self, operation: Operation) -> View:
        nodes, axes = self._together(operation.inputs)
        axis = operation.options["axis"]
        # From the end, where it is negative.
        axis += len(axes) + 1 if axis < 0 else 0
        if not 1 <= axis <= len(axes):
            raise RefusedError(operation.output, "joins samples")
        place = axes[axis - 1] + 1
        reader = functions.concatenate
        if len(nodes) == 2 and [self.building.nodes[n].kind for n in nodes] == ["maximum", "minimum"]:
            reader = moving_layers.concatenate
        return View(self._read(reader, operation.output, nodes, [None] * len(nodes), axis=place), axes)

    def _pad(self, operation: Operation) -> View:
        view, pads = self._view(operation.inputs[0]), [tuple(p) for p in operation.options["pads"]]
        if len(pads) != len(view.axes) + 1 or pads[0] != (0, 0):
            raise RefusedError(operation.output, f"pads by {pads}")
        wanted = [(0, 0)] * len(view.axes)
        for axis, pair in zip(view.axes, pads[1:], strict=True):
            wanted[axis] = pair
        if wanted[-1] != (0, 0):
            raise RefusedError(operation.output, "pads channels")
        self.building.add(
            Node(operation.output, "zero_padding", (view.node,), {"padding": tuple(wanted[:-1])})
        )
        return View(operation.output, view.axes)

    def _reduce(self, operation: Operation) -> View:
        o = operation.options
        view = self._view(operation.inputs[0])
        rank = len(view.axes)
        stated = [a + rank + 1 if a < 0 else a for a in o["axes"]]
        if any(not 1 <= a <= rank for a in stated) or len(set(stated)) != len(stated):
            raise RefusedError(operation.output, f"reduces samples, or axes twice: {o['axes']}")
        axes = sorted(view.axes[a - 1] for a in stated)
        keepdims = bool(o["keepdims"])
        if keepdims:
            left = view.axes
        else:
            kept = [a for i, a in enumerate(view.axes) if i + 1 not in stated]
            left = tuple(sorted(kept).index(a) for a in kept)
        name, function = operation.output, o["function"]
        if function == "maximum" and axes == list(range(rank - 1)) and axes:
            self.building.add(Node(name, "global_max_pooling", (view.node,), {"keepdims": keepdims}))
        elif function == "mean" and axes == list(range(rank - 1)) and axes:
            self.building.add(Node(name, "global_average_pooling", (view.node,), {"keepdims": keepdims}))
        elif function in ("mean", "sum"):
            reader = functions.FUNCTIONS[function.capitalize()]
            self._read(reader, name, [view.node], (), axis=[a + 1 for a in axes], keepdims=keepdims)
        else:
            raise RefusedError(name, f"is a {function} along the axes {axes}")
        return View(name, left)
