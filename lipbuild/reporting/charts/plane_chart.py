from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipbuild.evaluation.plane import Plane
from lipbuild.reporting.charts.drawing import STYLE, Drawing
from lipbuild.reporting.charts.frame import BOTTOM, LEFT, TOP, frame
from lipbuild.reporting.charts.image import png_uri
from lipbuild.reporting.charts.scale import Scale, linear
from lipbuild.reporting.charts.series import COLOURS

# The page's own colours, as red, green and blue.
_RGB = np.array(
    [[int(h[i : i + 2], 16) for i in (0, 2, 4)] for h in re.findall(r"--c\d: #(\w{6})", STYLE)], np.float64
)
_WIDTH, _LOWEST, _HIGHEST = 360.0, 160.0, 400.0
_BALLS, _LETTER = 40, 6.5
# The share of a class's colour at the boundary, and where its radius is greatest.
_PALE, _FULL = 0.14, 0.62


def plane_chart(plane: Plane, names: Sequence[str]) -> Drawing:
    """The decision regions of a classifier of two numbers, with samples and their certified balls.

    A region has the colour of its class, the darker the greater the certified radius there, in steps that are written
    below. A dot has the colour of a sample's true class, and a circle is the ball within which it stays right.

    Args:
        plane: What the classifier says of each point.
        names: The names of the classes.
    """
    spans = [float(axis[-1] - axis[0]) for axis in (plane.x, plane.y)]
    height = min(max(_WIDTH * spans[1] / spans[0], _LOWEST), _HIGHEST)
    top = TOP + 18.0
    drawing = Drawing(
        LEFT + _WIDTH + 16.0, top + height + BOTTOM + 16.0, "decision regions with certified balls"
    )
    x = linear([float(plane.x[0]), float(plane.x[-1])], LEFT, LEFT + _WIDTH, fixed=True)
    y = linear([float(plane.y[0]), float(plane.y[-1])], top + height, top, fixed=True)
    step = _step(plane.radii)
    inside = Drawing(_WIDTH, height, "the plane")
    inside.add(
        "image",
        href=png_uri(_pixels(plane, step)[::-1]),
        preserveAspectRatio="none",
        x=0.0,
        y=0.0,
        width=_WIDTH,
        height=height,
    )
    _samples(inside, plane, names, replace(x, start=0.0, end=_WIDTH), replace(y, start=height, end=0.0))
    frame(drawing, x, y, *(str(name) for name in plane.axes))
    drawing.place(inside, LEFT, top, clip=True)
    at = LEFT
    for i, name in enumerate(names):
        drawing.add("rect", class_=f"bar {_colour(i)}", x=at, y=TOP - 8, width=10, height=10)
        drawing.add("text", name, class_=f"end {_colour(i)}", x=at + 14, y=TOP + 1)
        at += 36 + _LETTER * len(name)
    if step is not None:
        text = f"the regions darken with each {step:g} of certified radius"
        drawing.add("text", text, class_="tick", x=x.end, y=drawing.height - 4, text_anchor="end")
    return drawing


def _samples(drawing: Drawing, plane: Plane, names: Sequence[str], x: Scale, y: Scale) -> None:
    """The samples as dots, and the balls of some that are spread over them."""
    for i in _spread(plane):
        a, b = plane.samples[i]
        # A network that is constant here has radii without an end.
        radius = min(float(plane.sample_radii[i]), 4.0 * float(plane.x[-1] - plane.x[0]))
        title = f"{names[plane.sample_labels[i]]}: certified within {radius:.4g}"
        drawing.add(
            "ellipse",
            title=title,
            class_=f"ball {_colour(plane.sample_labels[i])}",
            cx=x(a),
            cy=y(b),
            rx=x(a + radius) - x(a),
            ry=y(b) - y(b + radius),
        )
    for (a, b), label in zip(plane.samples, plane.sample_labels):
        drawing.add("circle", class_=f"dot {_colour(label)}", cx=x(a), cy=y(b), r=1.6)


def _spread(plane: Plane) -> list[int]:
    """Some of the right samples, none of them deep in another's ball."""
    chosen: list[int] = []
    for i in np.flatnonzero(plane.sample_radii > 0.0):
        away = np.linalg.norm(plane.samples[chosen] - plane.samples[i], axis=1)
        if len(chosen) < _BALLS and (away > 0.7 * plane.sample_radii[chosen]).all():
            chosen.append(int(i))
    return chosen


def _colour(label: int) -> str:
    return f"c{int(label) % COLOURS + 1}"


def _step(radii: NDArray[np.float64]) -> float | None:
    """The step of the shades, in which about nine go into the greatest radius; None where nothing is certified."""
    known = radii[np.isfinite(radii)]
    if not len(known) or not known.max() > 0.0:
        return None
    ticks = linear([0.0, float(known.max())], 0.0, 1.0, ticks=9).ticks
    return ticks[1] - ticks[0]


def _pixels(plane: Plane, step: float | None) -> NDArray[np.uint8]:
    """The colours of the points, the lowest row first."""
    share = np.full(plane.labels.shape, _PALE)
    if step is not None:
        bands = np.floor(np.nan_to_num(plane.radii, posinf=0.0) / step)
        share += (_FULL - _PALE) * bands / max(float(bands.max()), 1.0)
    colours = _RGB[plane.labels % len(_RGB)]
    # Where the class of a neighbour is another the boundary runs.
    edge = np.zeros(plane.labels.shape, bool)
    edge[:, 1:] |= plane.labels[:, 1:] != plane.labels[:, :-1]
    edge[1:] |= plane.labels[1:] != plane.labels[:-1]
    mixed = 255.0 + share[..., None] * (colours - 255.0)
    mixed[edge] = 40.0
    return np.asarray(np.rint(mixed), np.uint8)
