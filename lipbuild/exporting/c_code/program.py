from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.network import Network
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.steps import STEPS

# Where values lie: what is given, what is to be written, and arrays with a number.
INPUT, OUTPUT, SCRATCH = "input", "output", "scratch_"
# Samples that are emulated at a time.
_ROWS = 128


@dataclass(frozen=True)
class Program:
    """The operations of a network in order, and where each of them finds and leaves its numbers.

    Attributes:
        network: The network, as `lowered`.
        arithmetic: What it computes in.
    """

    network: Network
    arithmetic: Arithmetic

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each node."""
        return shapes_of(self.network)

    @property
    def inputs(self) -> int:
        """How many numbers it reads."""
        return math.prod(self.shapes[self.network.nodes[0].name])

    @property
    def outputs(self) -> int:
        """How many numbers it writes."""
        return math.prod(self.shapes[self.network.output])

    @cached_property
    def calls(self) -> list[Call]:
        """The operations that do something."""
        return self._planned[0]

    @cached_property
    def scratch(self) -> list[int]:
        """How many numbers each of the arrays holds that values lie in on the way."""
        return self._planned[1]

    @cached_property
    def arrays(self) -> dict[str, Values]:
        """The constant arrays by their names in C."""
        return {call.array(key): values for call in self.calls for key, values in call.node.arrays.items()}

    def emulate(self, inputs: Values) -> Values:
        """What the program computes where a product and a sum are never fused, bit for bit.

        Args:
            inputs: (samples, *shape).
        """
        with np.errstate(all="ignore"):
            return np.concatenate([self._batch(inputs[i : i + _ROWS]) for i in range(0, len(inputs), _ROWS)])

    def write(self, code: Code) -> None:
        """A function for each operation."""
        for call in self.calls:
            self._write(code, call)

    def _batch(self, inputs: Values) -> Values:
        values = {self.network.nodes[0].name: np.asarray(inputs, self.arithmetic.dtype)}
        for i, node in enumerate(self.network.nodes[1:], 1):
            read = [values[name] for name in node.inputs]
            values[node.name] = STEPS[node.kind].emulate(self._call(i), read)
            assert values[node.name].dtype == self.arithmetic.dtype
        return values[self.network.output]

    def _call(self, number: int) -> Call:
        node = self.network.nodes[number]
        shapes = [self.shapes[name] for name in node.inputs]
        return Call(number, node, shapes, self.shapes[node.name], self.arithmetic)

    @cached_property
    def _planned(self) -> tuple[list[Call], list[int]]:
        """Values lie in the smallest array that is free, until the last operation that reads them."""
        nodes, roots = self.network.nodes, {self.network.nodes[0].name: self.network.nodes[0].name}
        kept = []
        for number, node in enumerate(nodes[1:], 1):
            moves_nothing = STEPS[node.kind].moves_nothing
            # The input must not be written to, so an output that is the input is a copy.
            if moves_nothing and not (
                node.name == self.network.output and roots[node.inputs[0]] == nodes[0].name
            ):
                roots[node.name] = roots[node.inputs[0]]
            else:
                roots[node.name] = node.name
                kept.append(number)
        last = {roots[name]: number for number in kept for name in nodes[number].inputs}
        places = {nodes[0].name: INPUT, roots[self.network.output]: OUTPUT}
        sizes: list[int] = []
        free: set[int] = set()
        calls = []
        for number in kept:
            node, call = nodes[number], self._call(number)
            reads = [roots[name] for name in node.inputs]
            done = [places[root] for root in reads if last[root] == number]
            held = {int(place.split("_")[1]) for place in done if place.startswith(SCRATCH)}
            if node.name not in places:
                reused = STEPS[node.kind].in_place and held
                slot = held.pop() if reused else _slot(sizes, free, call.size)
                places[node.name] = f"{SCRATCH}{slot}"
            free |= held
            calls.append(
                Call(
                    *(call.number, call.node, call.shapes, call.shape, call.arithmetic),
                    reads=[places[root] for root in reads],
                    target=places[node.name],
                )
            )
        return calls, sizes

    def _write(self, code: Code, call: Call) -> None:
        """A function, whose arguments have short names."""
        kind = call.type
        in_place = call.reads[0] == call.target
        names = (
            ["y"]
            if in_place
            else ["x"]
            if len(call.reads) == 1
            else [f"x{i}" for i in range(len(call.reads))]
        )
        read = [] if in_place else [f"const {kind} *restrict {name}" for name in names]
        head = f"static void step_{call.number}({', '.join([*read, f'{kind} *restrict y'])})"
        code.line(f"/* {comment(call.node.name)}: {call.node.kind.replace('_', ' ')} */")
        with code.block(head):
            inner = Call(
                *(call.number, call.node, call.shapes, call.shape, call.arithmetic), reads=names, target="y"
            )
            STEPS[call.node.kind].write(code, inner)
        code.line()

    def calls_before(self, name: str) -> list[Call]:
        """The calls up to that of a node, which all of them lead to."""
        names = [call.node.name for call in self.calls]
        return self.calls[: names.index(name) + 1]


def write_calls(code: Code, calls: Sequence[Call]) -> None:
    """The calls of functions, in order."""
    for call in calls:
        reads = [] if call.reads[0] == call.target else list(call.reads)
        code.line(f"step_{call.number}({', '.join([*reads, call.target])});")


def comment(text: str) -> str:
    """A text that can stand in a comment of C: ASCII, without what ends it or means something to a compiler."""
    plain = "".join(c if " " <= c <= "~" else c.encode("unicode_escape").decode() for c in text)
    return re.sub(r"(?<=\*)(?=/)|(?<=/)(?=\*)|(?<=\?)(?=\?)", " ", plain)


def _slot(sizes: list[int], free: set[int], size: int) -> int:
    """The smallest free array that is large enough; the largest free one grows, and else there is a new one."""
    fitting = sorted((i for i in free if sizes[i] >= size), key=lambda i: (sizes[i], i))
    chosen = fitting[0] if fitting else max(free, key=lambda i: (sizes[i], -i), default=None)
    if chosen is None:
        sizes.append(size)
        return len(sizes) - 1
    free.discard(chosen)
    sizes[chosen] = max(sizes[chosen], size)
    return chosen
