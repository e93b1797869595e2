from __future__ import annotations

from collections.abc import Sequence

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.frame import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, frame
from lipbuild.reporting.charts.scale import Scale, linear
from lipbuild.reporting.charts.series import Series

START, END = LEFT, WIDTH - 16.0
_LETTER = 6.5


def scatter(groups: Sequence[Series], label: str, x: Scale, x_label: str, y_label: str) -> Drawing:
    """Groups of points, each named above them.

    Args:
        groups: The groups, each of one point or more.
        label: What the chart shows, in words.
        x: The horizontal scale, from `START` to `END`.
        x_label: The quantity on the horizontal axis.
        y_label: The quantity on the vertical axis.
    """
    drawing = Drawing(WIDTH, HEIGHT, label)
    y = linear([value for group in groups for _, value in group.points], HEIGHT - BOTTOM, TOP + 14)
    frame(drawing, x, y, x_label, y_label)
    at = START
    for group in groups:
        points = [(x(a), y(b)) for a, b in group.points]
        if group.joined:
            drawing.add("path", class_=f"line {group.colour_class}", d=group.path(points))
        if group.marks:
            for (a, b), (at_x, at_y) in zip(group.points, points):
                title = f"{group.name}: {y_label} {b:.6g} at {x_label} {x.text(a)}"
                drawing.add(
                    "circle", title=title, class_=f"dot {group.colour_class}", cx=at_x, cy=at_y, r=3.5
                )
        drawing.add("rect", class_=f"bar {group.colour_class}", x=at, y=TOP - 10, width=10, height=10)
        drawing.add("text", group.name, class_=f"end {group.colour_class}", x=at + 14, y=TOP - 1)
        at += 36 + _LETTER * len(group.name)
    return drawing
