from __future__ import annotations

from collections.abc import Sequence

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.frame import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, frame
from lipbuild.reporting.charts.scale import Scale, linear, logarithmic, whole
from lipbuild.reporting.charts.series import Series

_LABEL = 13.0
# So many values that differ so much are read off a logarithmic axis.
_RATIO = 50.0


def line_chart(
    series: Sequence[Series],
    label: str,
    x_label: str,
    y_label: str,
    *,
    percent: bool = False,
    epochs: bool = False,
    zero: bool = False,
) -> Drawing:
    """Lines over one axis, each named at its end.

    Args:
        series: The lines, each of one point or more.
        label: What the chart shows, in words.
        x_label: The quantity on the horizontal axis, with its unit.
        y_label: The quantity on the vertical axis, with its unit.
        percent: Whether y is a share, shown from 0 to 100 %.
        epochs: Whether x is a whole number.
        zero: Whether the vertical axis starts at 0; logarithmic never.
    """
    drawing = Drawing(WIDTH, HEIGHT, label)
    xs = [x for line in series for x, _ in line.points]
    ys = [y for line in series for _, y in line.points]
    left, right = LEFT, WIDTH - RIGHT
    x = whole(int(min(xs)), int(max(xs)), left, right) if epochs else linear(xs, left, right, fixed=True)
    y = _vertical(ys, percent=percent, zero=zero)
    frame(drawing, x, y, x_label, y_label, percent=percent)
    for line in series:
        points = [(x(a), y(b)) for a, b in line.points]
        classes = f"line {line.colour_class}{' dashed' if line.dashed else ''}"
        drawing.add("path", class_=classes, d=line.path(points))
        if line.marks or len(points) == 1:
            for (a, b), (at_x, at_y) in zip(line.points, points):
                shown = f"{100 * b:.2f} %" if percent else f"{b:.6g}"
                title = f"{line.name}: {shown} at {x_label.split(' (')[0]} {a:.6g}"
                drawing.add("circle", title=title, class_=f"dot {line.colour_class}", cx=at_x, cy=at_y, r=3)
    _name_ends(drawing, series, x, y)
    drawing.attach(
        "chart",
        {
            "x": [x.low, x.high, x.start, x.end],
            "y": [y.low, y.high, y.start, y.end, int(y.logarithmic)],
            "name": x_label.split(" (")[0],
            "percent": percent,
            "series": [
                {
                    "name": line.name,
                    "class": line.colour_class,
                    "steps": line.steps,
                    "points": [[_short(a), _short(b)] for a, b in line.points],
                }
                for line in series
            ],
        },
    )
    return drawing


def _vertical(ys: Sequence[float], *, percent: bool, zero: bool) -> Scale:
    bottom, top = HEIGHT - BOTTOM, TOP
    if percent:
        return linear([0.0, 1.0], bottom, top)
    if min(ys) > 0 and max(ys) > _RATIO * min(ys):
        return logarithmic(ys, bottom, top)
    return linear([0.0, *ys] if zero else ys, bottom, top)


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _name_ends(drawing: Drawing, series: Sequence[Series], x: Scale, y: Scale) -> None:
    """Write each line's name beside its end, and no name over another."""
    ends = sorted(((y(line.points[-1][1]), i) for i, line in enumerate(series)), key=lambda end: end[0])
    placed: list[float] = []
    for wanted, _ in ends:
        placed.append(max(wanted, placed[-1] + _LABEL) if placed else max(wanted, y.end))
    over = placed[-1] - (y.start + 4)
    if over > 0:
        placed = [at - over for at in placed]
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = min(placed[i] + over, placed[i + 1] - _LABEL)
    for at, (wanted, i) in zip(placed, ends):
        line = series[i]
        start = x(line.points[-1][0])
        if line.name and x.end - start < 20:
            joined = f"M{start + 3:.1f},{wanted:.1f}L{x.end + 10:.1f},{at:.1f}"
            drawing.add("path", class_=f"lead {line.colour_class}", d=joined)
        drawing.add("text", line.name, class_=f"end {line.colour_class}", x=x.end + 13, y=at + 4)
