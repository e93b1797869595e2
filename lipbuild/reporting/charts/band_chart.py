from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.frame import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, frame
from lipbuild.reporting.charts.scale import linear, whole

_QUANTILES = ("least", "lower quartile", "median", "upper quartile", "greatest")


@dataclass(frozen=True)
class Spread:
    """How values are spread at one epoch.

    Attributes:
        epoch: The epoch.
        quantiles: The least, the lower quartile, the median, the upper quartile and the greatest.
    """

    epoch: int
    quantiles: tuple[float, ...]


def band_chart(spreads: Sequence[Spread], label: str, y_label: str, limit: float | None) -> Drawing:
    """How values are spread at each epoch: all of them, their middle half, their median.

    Args:
        spreads: The epochs, one or more.
        label: What the chart shows, in words.
        y_label: The quantity.
        limit: A value that none of them may exceed, drawn as a line.
    """
    drawing = Drawing(WIDTH, HEIGHT, label)
    x = whole(spreads[0].epoch, spreads[-1].epoch, LEFT, WIDTH - RIGHT)
    values = [0.0, *(value for spread in spreads for value in spread.quantiles)]
    y = linear([*values, *([limit] if limit is not None else [])], HEIGHT - BOTTOM, TOP)
    frame(drawing, x, y, "epoch", y_label)
    for low, high, name in ((0, 4, "wide"), (1, 3, "narrow")):
        there = [(x(s.epoch), y(s.quantiles[high])) for s in spreads]
        back = [(x(s.epoch), y(s.quantiles[low])) for s in reversed(spreads)]
        if len(spreads) == 1:
            at = x(spreads[0].epoch)
            there, back = (
                [(at - 9, there[0][1]), (at + 9, there[0][1])],
                [(at + 9, back[0][1]), (at - 9, back[0][1])],
            )
        path = "L".join(f"{a:.2f},{b:.2f}" for a, b in [*there, *back])
        drawing.add("path", class_=f"band {name} c1", d=f"M{path}Z")
    median = "L".join(f"{x(s.epoch):.2f},{y(s.quantiles[2]):.2f}" for s in spreads)
    drawing.add("path", class_="line c1", d=f"M{median}")
    if limit is not None:
        drawing.add("line", class_="limit c2", x1=x.start, x2=x.end, y1=y(limit), y2=y(limit))
        drawing.add("text", f"limit {limit:.4g}", class_="end c2", x=x.end + 8, y=y(limit) + 4)
    last = spreads[-1].quantiles
    used: list[float] = [] if limit is None else [y(limit)]
    for i in (4, 2, 0):
        at = y(last[i])
        for other in used:
            if abs(at - other) < 13:
                at = other + 13 if at >= other - 1 else other - 13
        used.append(at)
        drawing.add("text", f"{_QUANTILES[i]} {last[i]:.3f}", class_="end c1", x=x.end + 8, y=at + 4)
    drawing.attach(
        "chart",
        {
            "x": [x.low, x.high, x.start, x.end],
            "y": [y.low, y.high, y.start, y.end, 0],
            "name": "epoch",
            "percent": False,
            "series": [
                {
                    "name": name,
                    "class": "c1",
                    "steps": False,
                    "points": [[s.epoch, float(f"{s.quantiles[i]:.6g}")] for s in spreads],
                }
                for i, name in (
                    (4, "greatest"),
                    (3, "upper quartile"),
                    (2, "median"),
                    (1, "lower quartile"),
                    (0, "least"),
                )
            ],
        },
    )
    return drawing
