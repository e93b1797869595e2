"""Windows that slide over axes, and what of them lies within."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.exporting.c_code.code import Code, index


@contextmanager
def taps(code: Code, axes: Sequence[Axis], positions: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Loops over the taps of a window that lie within.

    Args:
        code: Where they are written.
        axes: The axes.
        positions: The place of the window along each of them.

    Yields:
        The index of the tap and the place that it reads, along each axis.
    """
    with ExitStack() as stack:
        chosen, places = [], []
        for i, (axis, position) in enumerate(zip(axes, positions, strict=True)):
            tap = stack.enter_context(code.loop(f"t{i}", axis.size))
            place = index((axis.stride, position), (axis.dilation, tap), offset=-axis.left)
            if not is_inside(axis):
                code.line(f"const int32_t r{i} = {place};")
                stack.enter_context(code.block(f"if ((r{i} >= 0) && (r{i} < {axis.length}))"))
                place = f"r{i}"
            chosen.append(tap)
            places.append(place)
        yield chosen, places


def is_inside(axis: Axis) -> bool:
    """Whether no window reaches beyond the ends."""
    assert axis.length is not None
    return axis.left == 0 and (axis.outputs - 1) * axis.stride + axis.extent <= axis.length


def first_places(code: Code, axes: Sequence[Axis], positions: Sequence[str]) -> list[str]:
    """The first place within a window, along each axis."""
    places = []
    for i, (axis, position) in enumerate(zip(axes, positions, strict=True)):
        place = index((axis.stride, position), offset=-axis.left)
        if axis.left:
            code.line(f"const int32_t s{i} = {place};")
            place = f"(s{i} < 0) ? 0 : s{i}"
            code.line(f"const int32_t f{i} = {place};")
            place = f"f{i}"
        places.append(place)
    return places


def taps_within(axes: Sequence[Axis]) -> Iterator[tuple[tuple[int, ...], list[slice], list[slice]]]:
    """For each tap, in order: where the windows are in which it lies within, and what it reads there."""
    for tap in itertools.product(*(range(axis.size) for axis in axes)):
        windows, reads = [], []
        for axis, a in zip(axes, tap, strict=True):
            assert axis.length is not None
            start = a * axis.dilation - axis.left
            first = max(0, -(start // axis.stride))
            last = min(axis.outputs - 1, (axis.length - 1 - start) // axis.stride)
            count = last - first + 1
            if count <= 0:
                break
            windows.append(slice(first, last + 1))
            begin = start + first * axis.stride
            reads.append(slice(begin, begin + (count - 1) * axis.stride + 1, axis.stride))
        else:
            yield tap, windows, reads


def batch_of(places: Sequence[slice]) -> tuple[slice, ...]:
    """The same places of every sample."""
    return (slice(None), *places)
