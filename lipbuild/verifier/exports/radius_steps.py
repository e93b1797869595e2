"""Steps through the graph of a file: what makes a tensor, if that is what it has to be."""

from __future__ import annotations

import math

from lipbuild.verifier.exports.graph import Graph, Operation


class NoMatchError(Exception):
    """The file computes something else at some place."""


class Steps:
    """A graph, and questions about it that go on only where the answer is as it has to be."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def hold(self, condition: bool, what: str) -> None:
        """Go on where something is as it has to be."""
        if not condition:
            raise NoMatchError(what)

    def result(self, name: str) -> str:
        """An output before the axis of its one number a sample was left out."""
        tensor = self.base(self.graph.outputs[name])
        maker = self.graph.makers.get(tensor)
        if maker is not None and maker.kind == "reshape" and list(maker.options["shape"]) == [-1]:
            return self.base(maker.inputs[0])
        return tensor

    def base(self, tensor: str) -> str:
        """The tensor that has the same numbers, before it was only named anew, or made a row or a column."""
        maker = self.graph.makers.get(tensor)
        while maker is not None and (maker.kind == "identity" or self.is_laid_out(maker)):
            tensor = maker.inputs[0]
            maker = self.graph.makers.get(tensor)
        return tensor

    def is_laid_out(self, maker: Operation) -> bool:
        """Whether it makes a row of the input's numbers or their squares, or a column of the labels."""
        if maker.kind != "reshape":
            return False
        shape, source = list(maker.options["shape"]), self.unnamed(maker.inputs[0])
        if shape == [-1, 1]:
            label = self.graph.makers.get(self.unnamed(source, "cast"))
            if label is not None and label.kind == "argmax":
                return True
        before = self.graph.makers.get(source)
        numbers = before.inputs if before is not None and before.kind in ("square", "multiply") else (source,)
        return shape == [-1, math.prod(self.graph.shape)] and set(map(self.unnamed, numbers)) == {
            self.graph.input
        }

    def unnamed(self, tensor: str, kind: str = "identity") -> str:
        """Before it was only named anew, or became a number of another type."""
        maker = self.graph.makers.get(tensor)
        while maker is not None and maker.kind in ("identity", kind):
            tensor = maker.inputs[0]
            maker = self.graph.makers.get(tensor)
        return tensor

    def uncast(self, tensor: str) -> str:
        """Before it became a number of another type."""
        tensor = self.base(tensor)
        maker = self.graph.makers.get(tensor)
        while maker is not None and maker.kind == "cast":
            tensor = self.base(maker.inputs[0])
            maker = self.graph.makers.get(tensor)
        return tensor

    def is_kind(self, tensor: str, kind: str) -> bool:
        """Whether an operation of a kind makes a tensor."""
        maker = self.graph.makers.get(self.base(tensor))
        return maker is not None and maker.kind == kind

    def make(self, tensor: str, kind: str) -> Operation:
        """The operation that makes a tensor, which has to be of a kind."""
        maker = self.graph.makers.get(self.base(tensor))
        if maker is None or maker.kind != kind:
            raise NoMatchError(f"a `{kind}` is needed, and {self.base(tensor)!r:.60} is none")
        return maker

    def inputs(self, tensor: str, kind: str) -> list[str]:
        """What an operation of a kind reads."""
        return [self.base(name) for name in self.make(tensor, kind).inputs]

    def either(self, tensor: str, kind: str, fits: object) -> tuple[str, str]:
        """The two inputs of an operation in the order that fits."""
        assert callable(fits)
        first, second = self.inputs(tensor, kind)
        for one, other in ((first, second), (second, first)):
            try:
                if fits(one, other):
                    return one, other
            except NoMatchError:
                continue
        raise NoMatchError(f"a `{kind}` of other things")

    def reduced(self, tensor: str, function: str) -> str:
        """What a sample's numbers are reduced of, along its only axis that has several."""
        maker = self.make(tensor, "reduce")
        self.hold(maker.options["function"] == function and bool(maker.options["keepdims"]), function)
        self.hold(list(maker.options["axes"]) in ([1], [-1]), function)
        return self.base(maker.inputs[0])

    def function(self, tensor: str, name: str) -> str:
        """What a function of each value is of."""
        maker = self.make(tensor, "activation")
        self.hold(maker.options == {"function": name}, name)
        return self.base(maker.inputs[0])

    def scaled(self, tensor: str, kind: str = "multiply") -> tuple[str, float]:
        """A tensor and the constant that it is multiplied by, or that is added to it."""
        first, second = self.inputs(tensor, kind)
        tensors = [name for name in (first, second) if name not in self.graph.constants]
        self.hold(len(tensors) == 1, f"a `{kind}` of a tensor and a constant")
        return tensors[0], self.number(first if tensors[0] == second else second)

    def number(self, tensor: str) -> float:
        """A constant number."""
        value = self.graph.constants.get(tensor)
        if value is None or value.size != 1 or value.ndim > 2 or value.dtype.kind not in "if":
            raise NoMatchError(f"{tensor!r:.60} is no constant number")
        found = float(value.reshape(-1)[0])
        self.hold(math.isfinite(found), "a number is not finite")
        return found
