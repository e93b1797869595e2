from __future__ import annotations

from collections.abc import Sequence

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.frame import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, frame
from lipbuild.reporting.charts.scale import linear

_BARS = 30


def histogram(
    right: Sequence[float], wrong: Sequence[float], label: str, x_label: str, *, marks: Sequence[float] = ()
) -> Drawing:
    """How often values occur, those of right and of wrong predictions on top of each other.

    Args:
        right: The values of right predictions.
        wrong: The values of wrong ones; together there is one at least.
        label: What the chart shows, in words.
        x_label: The quantity, with its unit.
        marks: Values to mark with a line.
    """
    drawing = Drawing(WIDTH, HEIGHT, label)
    scale = linear([0.0, *right, *wrong], LEFT, WIDTH - 16.0, ticks=6)
    width = (scale.high - scale.low) / _BARS
    counts = [_counts(values, scale.low, width) for values in (right, wrong)]
    tallest = max(a + b for a, b in zip(*counts))
    y = linear([0.0, float(tallest)], HEIGHT - BOTTOM, TOP + 14)
    frame(drawing, scale, y, x_label, "samples")
    for i, (good, bad) in enumerate(zip(*counts)):
        low, high = scale.low + i * width, scale.low + (i + 1) * width
        title = f"{low:.4g} to {high:.4g}: {good} right, {bad} wrong"
        at, wide = scale(low) + 0.5, scale(high) - scale(low) - 1.0
        for base, count, colour in ((0, good, "c1"), (good, bad, "c2")):
            if count:
                top = y(base + count)
                drawing.add(
                    "rect",
                    title=title,
                    class_=f"bar {colour}",
                    x=at,
                    y=top,
                    width=wide,
                    height=y(base) - top,
                )
    for mark in marks:
        if scale.low < mark < scale.high:
            drawing.add("line", class_="mark", x1=scale(mark), x2=scale(mark), y1=y.start, y2=y.end)
    for i, (name, values) in enumerate((("right", right), ("wrong", wrong))):
        at = scale.end - 150 + 78 * i
        drawing.add("rect", class_=f"bar c{i + 1}", x=at, y=TOP - 10, width=10, height=10)
        drawing.add("text", f"{name} ({len(values)})", class_=f"end c{i + 1}", x=at + 14, y=TOP - 1)
    return drawing


def _counts(values: Sequence[float], low: float, width: float) -> list[int]:
    counts = [0] * _BARS
    for value in values:
        counts[min(max(int((value - low) / width), 0), _BARS - 1)] += 1
    return counts
