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
    bounds = [
        None
        if is_inside(axis)
        else clipped(
            *(code, str(i), axis.size, axis.dilation, index((axis.stride, at), offset=-axis.left), axis),
            last=(axis.outputs - 1) * axis.stride - axis.left,
        )
        for i, (axis, at) in enumerate(zip(axes, positions, strict=True))
    ]
    with ExitStack() as stack:
        chosen = []
        for i, (axis, bound) in enumerate(zip(axes, bounds, strict=True)):
            loop = code.loop(f"t{i}", axis.size) if bound is None else code.between(f"t{i}", *bound)
            chosen.append(stack.enter_context(loop))
        places = [
            index((axis.stride, at), (axis.dilation, tap), offset=-axis.left)
            for axis, at, tap in zip(axes, positions, chosen, strict=True)
        ]
        yield chosen, places


def clipped(
    code: Code, name: str, count: int, step: int, base: str, axis: Axis, last: int
) -> tuple[str, str]:
    """The first of `count` steps that is within an axis, and the one after the last.

    They are computed before the loop. Of a condition inside of it, over sums in memory, GCC 12 made wrong code at
    `-O3 -mavx512f`. A condition that is always true, or never, is left out.

    Args:
        code: Where they are computed.
        name: What the names of the two end in.
        count: How many steps there are.
        step: How far one goes.
        base: Where the first one is, from minus what is padded on the left on.
        axis: The axis.
        last: The greatest that `base` becomes.
    """
    assert axis.length is not None
    least, length = -axis.left, axis.length
    first = _quotient(f"{step - 1} - base{name}", step) if least < 0 else "0"
    if least < 0 <= last:
        first = f"(base{name} < 0) ? {first} : 0"
    past = f"{_quotient(f'{length - 1} - base{name}', step)} + 1"
    fewest, most = (max(0, (length - 1 - at) // step + 1) if at < length else 0 for at in (last, least))
    if last >= length:
        past = f"(base{name} < {length}) ? ({past}) : 0" if least < length else "0"
    if least < 0 or fewest < count:
        code.line(f"const int32_t base{name} = {base};")
    code.line(f"const int32_t from{name} = {first};")
    if most <= count:
        code.line(f"const int32_t to{name} = {past};")
    elif fewest >= count:
        code.line(f"const int32_t to{name} = {count};")
    else:
        code.line(f"const int32_t past{name} = {past};")
        code.line(f"const int32_t to{name} = (past{name} < {count}) ? past{name} : {count};")
    return f"from{name}", f"to{name}"


def _quotient(text: str, step: int) -> str:
    return f"({text})" if step == 1 else f"(({text}) / {step})"


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
