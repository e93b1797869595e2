from __future__ import annotations

from lipbuild.evaluation.partial_dependence import PartialDependence
from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.frame import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, frame
from lipbuild.reporting.charts.scale import linear


def dependence_chart(found: PartialDependence, column: int, output: int) -> Drawing:
    """The mean of an output against one column, within the band that is proved from the reference on.

    Args:
        found: The means and the bounds.
        column: The place of the column in it.
        output: The place of the output in it.
    """
    name, unit, shown = found.columns[column], found.units[column], str(found.outputs[output])
    x_label = f"{name} ({unit})" if unit else str(name)
    drawing = Drawing(WIDTH, HEIGHT, f"{shown} against {x_label}, with the proved band")
    values, means = found.values[column], found.means[column, :, output]
    low, high = found.band(column, output)
    x = linear(values.tolist(), LEFT, WIDTH - RIGHT, fixed=True)
    y = linear([*low.tolist(), *high.tolist(), *means.tolist()], HEIGHT - BOTTOM, TOP)
    frame(drawing, x, y, x_label, shown)
    there = [(x(a), y(b)) for a, b in zip(values, high)]
    back = [(x(a), y(b)) for a, b in zip(values[::-1], low[::-1])]
    path = "L".join(f"{a:.2f},{b:.2f}" for a, b in [*there, *back])
    drawing.add("path", class_="band wide c1", d=f"M{path}Z")
    line = "L".join(f"{x(a):.2f},{y(b):.2f}" for a, b in zip(values, means))
    drawing.add("path", class_="line c1", d=f"M{line}")
    start = found.references[column]
    at = values[start], means[start]
    title = f"the band begins at {at[0]:.6g}: {at[1]:.6g}"
    drawing.add("circle", title=title, class_="dot c1", cx=x(at[0]), cy=y(at[1]), r=3)
    ends = sorted(((y(high[-1]), "at most"), (y(means[-1]), "mean"), (y(low[-1]), "at least")))
    last = 0.0
    for height, text in ends:
        last = max(height, last + 13.0)
        drawing.add("text", text, class_="end c1", x=x.end + 8, y=last + 4)
    drawing.attach(
        "chart",
        {
            "x": [x.low, x.high, x.start, x.end],
            "y": [y.low, y.high, y.start, y.end, 0],
            "name": str(name),
            "percent": False,
            "series": [
                {
                    "name": text,
                    "class": "c1",
                    "steps": False,
                    "points": [
                        [float(f"{a:.6g}"), float(f"{b:.6g}")]
                        for a, b in zip(values.tolist(), curve.tolist())
                    ],
                }
                for text, curve in (("at most", high), ("mean", means), ("at least", low))
            ],
        },
    )
    return drawing
