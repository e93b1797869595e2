from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
# The width of a letter, and that in which a name can be told from others.
_LETTER, _ROOM = 6.0, 30.0


@dataclass(frozen=True)
class Scale:
    """From values to coordinates, linear or logarithmic, or from the places of names.

    Attributes:
        low: The value at `start`.
        high: The value at `end`.
        start: A coordinate.
        end: A coordinate.
        ticks: The values that are written.
        logarithmic: Whether equal distances are equal ratios.
        names: What is written in place of the values 0, 1, ….
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    logarithmic: bool = False
    names: tuple[str, ...] = ()

    def __call__(self, value: float) -> float:
        """The coordinate of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return self.start + (self.end - self.start) * (value - low) / (high - low)

    def text(self, tick: float, *, percent: bool = False) -> str:
        """A tick in words."""
        if self.names:
            return self.names[int(tick)]
        return f"{100.0 * tick:.6g} %" if percent else f"{tick:.6g}"


def linear(
    values: Sequence[float], start: float, end: float, *, ticks: int = 5, fixed: bool = False
) -> Scale:
    """A linear scale over values.

    Args:
        values: What it has to show.
        start: The coordinate of the least.
        end: The coordinate of the greatest.
        ticks: About how many ticks.
        fixed: Whether it ends with the values themselves, and not with ticks.
    """
    low, high = min(values), max(values)
    if not high > low:
        low, high = low - (abs(low) or 1.0) * 0.5, high + (abs(high) or 1.0) * 0.5
    step = _step((high - low) / ticks)
    first = math.ceil(low / step - 1e-9) if fixed else math.floor(low / step + 1e-9)
    last = math.floor(high / step + 1e-9) if fixed else math.ceil(high / step - 1e-9)
    marks = tuple(i * step for i in range(first, last + 1))
    return Scale(low, high, start, end, marks) if fixed else Scale(marks[0], marks[-1], start, end, marks)


def whole(low: int, high: int, start: float, end: float, *, ticks: int = 6) -> Scale:
    """A linear scale over whole numbers, which are all that is written."""
    if high == low:
        return Scale(low - 0.5, high + 0.5, start, end, (low,))
    step = max(1, round(_step((high - low) / ticks)))
    marks = [m for m in range(low - low % step, high + 1, step) if m >= low]
    return Scale(low, high, start, end, tuple(float(m) for m in marks))


def named(names: Sequence[str], start: float, end: float) -> Scale:
    """Names side by side, cut where they would lie on each other.

    Args:
        names: The names, of which the value 0 is the first.
        start: The coordinate where the room of the first begins.
        end: The coordinate where that of the last ends.
    """
    each = (end - start) / len(names)
    every = math.ceil(_ROOM / each)
    longest = int(every * each / _LETTER) - 1
    cut = tuple(name if len(name) <= longest else f"{name[: longest - 1]}…" for name in names)
    ticks = tuple(float(i) for i in range(0, len(names), every))
    return Scale(-0.5, len(names) - 0.5, start, end, ticks, names=cut)


def logarithmic(values: Sequence[float], start: float, end: float) -> Scale:
    """A logarithmic scale over positive values, from a 1, 2 or 5 to another."""
    low, high = min(values), max(values)
    if high <= low * 1.001:
        low, high = low / 2.0, high * 2.0
    exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    marks = [m * 10.0**e for e in exponents for m in (1.0, 2.0, 5.0)]
    bottom = max(m for m in marks if m <= low * (1 + 1e-12))
    top = min(m for m in [*marks, 10.0 ** (exponents[-1] + 1)] if m >= high * (1 - 1e-12))
    within = [m for m in [*marks, top] if bottom <= m <= top]
    if len(within) > 6:
        decades = [m for m in within if f"{m:e}".startswith("1.0")]
        within = decades[:: max(1, len(decades) // 6)] if len(decades) > 1 else within
    return Scale(bottom, top, start, end, tuple(dict.fromkeys(within)), logarithmic=True)


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(s * power for s in _STEPS if s * power >= rough * (1 - 1e-9))
