from __future__ import annotations

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.scale import Scale

WIDTH, HEIGHT = 460.0, 270.0
LEFT, RIGHT, TOP, BOTTOM = 66.0, 112.0, 14.0, 44.0


def frame(drawing: Drawing, x: Scale, y: Scale, x_label: str, y_label: str, *, percent: bool = False) -> None:
    """The grid, the axes with their ticks, and what they show in which unit.

    Args:
        drawing: Where it is drawn.
        x: The scale of the horizontal axis.
        y: The scale of the vertical axis.
        x_label: What the horizontal axis shows.
        y_label: What the vertical axis shows.
        percent: Whether the vertical axis shows shares.
    """
    for tick in y.ticks:
        at = y(tick)
        drawing.add("line", class_="grid", x1=x.start, x2=x.end, y1=at, y2=at)
        drawing.add(
            "text", y.text(tick, percent=percent), class_="tick", x=x.start - 7, y=at + 4, text_anchor="end"
        )
    for tick in x.ticks:
        at = x(tick)
        drawing.add("line", class_="axis", x1=at, x2=at, y1=y.start, y2=y.start + 4)
        drawing.add("text", x.text(tick), class_="tick", x=at, y=y.start + 17, text_anchor="middle")
    drawing.add("line", class_="axis", x1=x.start, x2=x.end, y1=y.start, y2=y.start)
    drawing.add("text", x_label, class_="name", x=(x.start + x.end) / 2, y=y.start + 36, text_anchor="middle")
    middle = (y.start + y.end) / 2
    drawing.add(
        "text",
        y_label,
        class_="name",
        x=12,
        y=middle,
        text_anchor="middle",
        transform=f"rotate(-90 12 {middle:.1f})",
    )
