from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from lipbuild.verifier.digests import arrays_digest
from lipbuild.verifier.errors import RefusedError

# More than any network has.
_MOST_OPERATIONS = 2**16

Values = NDArray[Any]
# A size as a file computes it from those of tensors: a number, or the product of the lengths of axes of tensors, the
# batch counted as the axis 0.
Size = int | tuple[tuple[str, int], ...]


def sizes_of(tensor: str, rank: int) -> list[Size]:
    """The lengths of the axes of a tensor."""
    return [((tensor, axis),) for axis in range(rank)]


def product(where: str, sizes: Sequence[Size]) -> Size:
    """Of sizes that are all computed, or all numbers.

    Raises:
        RefusedError: If they are of both kinds.
    """
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) == len(sizes):
        return math.prod(numbers)
    if numbers:
        raise RefusedError(where, "multiplies sizes and numbers")
    return tuple(pair for size in sizes if isinstance(size, tuple) for pair in size)


def shape_of(sizes: Sequence[Size]) -> list[Size]:
    """The shape that sizes ask for, with −1 for the batch alone.

    Beside a −1, which a runtime makes of how many numbers are left, it has to be the batch, so it stays as it is.
    """
    if -1 in sizes:
        return list(sizes)
    return [-1 if isinstance(s, tuple) and len(s) == 1 and s[0][1] == 0 else s for s in sizes]


@dataclass(frozen=True)
class Operation:
    """One operation of a file, in the same words for all formats.

    Args:
        kind: What it computes.
        inputs: The tensors that it reads.
        output: The tensor that it makes.
        options: What it needs besides.
    """

    kind: str
    inputs: tuple[str, ...]
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """What an exported file computes.

    Args:
        input: The tensor that it reads.
        shape: Of a sample.
        operations: Each after those whose results it reads.
        constants: The constant tensors.
        outputs: The tensors of the results by their names.
        description: What the file says of itself.
        stated: The shapes that the file states of tensors, where it states any; −1 where any size is taken.
        layers: The nodes of the model by the tensors that they make, where the graph is only what follows the model;
            None where it is all, and a node is called as its tensor is.
    """

    input: str
    shape: tuple[int, ...]
    operations: Sequence[Operation]
    constants: Mapping[str, Values]
    outputs: Mapping[str, str]
    description: Mapping[str, Any]
    stated: Mapping[str, Sequence[int]] = field(default_factory=dict)
    layers: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse tensors that are made twice, or read before they are made.

        Raises:
            RefusedError: If there is one, or the graph is too large.
        """
        if len(self.operations) > _MOST_OPERATIONS:
            raise RefusedError("graph", f"has {len(self.operations)} operations")
        known = {self.input, *self.constants}
        if self.input in self.constants:
            raise RefusedError(self.input, "is the input and a constant")
        for operation in self.operations:
            for name in operation.inputs:
                if name not in known:
                    raise RefusedError(operation.output, f"reads {name!r:.80}, which nothing has computed")
            if operation.output in known:
                raise RefusedError(operation.output, "is computed twice")
            known.add(operation.output)
        for name in self.outputs.values():
            if name not in known:
                raise RefusedError(name, "is an output, and nothing computes it")

    @cached_property
    def makers(self) -> Mapping[str, Operation]:
        """The operations by the tensors that they make."""
        return {operation.output: operation for operation in self.operations}

    @property
    def digests(self) -> dict[str, str]:
        """What the file is told from others by: the digests of its operations, and of its constants as they stand."""
        rows = [[o.kind, list(o.inputs), o.output, _plain(o.options)] for o in self.operations]
        graph = [self.input, list(self.shape), rows, dict(self.outputs)]
        text = json.dumps(graph, sort_keys=True, separators=(",", ":"))
        return {
            "graph": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            "weights": arrays_digest(self.constants),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
