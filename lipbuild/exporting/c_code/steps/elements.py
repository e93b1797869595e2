"""Operations on each value alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from lipbuild.certifying.network import NetworkNode
from lipbuild.exporting.c_code.call import Call, Shape
from lipbuild.exporting.c_code.code import Code, index


def laid_out(node: NetworkNode, shape: Shape) -> NetworkNode:
    """A node whose arrays have one number, or all the shape of the last axes of what they apply to.

    Args:
        node: A node whose arrays are broadcast to a shape.
        shape: That shape.
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for key, array in node.arrays.items():
        while array.ndim and array.shape[0] == 1:
            array = array[0]
        arrays[key] = array
    larger = [array.shape for array in arrays.values() if array.size > 1]
    if larger:
        common = np.broadcast_shapes(*larger)
        if any(common[len(common) - n :] != shape[len(shape) - n :] for n in range(1, len(common) + 1)):
            common = shape
        arrays = {
            key: np.ascontiguousarray(np.broadcast_to(array, common)) if array.size > 1 else array
            for key, array in arrays.items()
        }
    return replace(node, arrays=arrays)


@contextmanager
def elements(code: Code, call: Call) -> Iterator[tuple[str, Mapping[str, str]]]:
    """A loop over all values.

    Yields:
        The place of the value, and the number of each array that belongs to it.
    """
    arrays = call.node.arrays
    inner = max((array.size for array in arrays.values()), default=1)
    if inner == 1:
        with code.loop("i", call.size) as i:
            yield i, {key: f"{call.array(key)}[0]" for key in arrays}
        return
    with code.loop("p", call.size // inner) as p, code.loop("i", inner) as i:
        named = {key: f"{call.array(key)}[{i if array.size > 1 else 0}]" for key, array in arrays.items()}
        yield index((inner, p), (1, i)), named
