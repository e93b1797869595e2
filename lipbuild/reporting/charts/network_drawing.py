from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.layered import layered

_BOX, _HIGH, _GAP, _SIDE, _PASS = 244.0, 62.0, 20.0, 16.0, 18.0
_LONGEST = 38


@dataclass(frozen=True)
class Box:
    """One node of a network as it is drawn.

    Attributes:
        name: Its name.
        reads: The names of the nodes that it reads.
        lines: What stands in it, three lines.
        is_output: Whether it is an output.
    """

    name: str
    reads: tuple[str, ...]
    lines: tuple[str, str, str]
    is_output: bool = False


def network_drawing(boxes: Sequence[Box]) -> Drawing:
    """A network from its input at the top to its outputs at the bottom.

    Args:
        boxes: The nodes, each after those that it reads.
    """
    rows, passes = layered({box.name: box.reads for box in boxes})
    known = {box.name: box for box in boxes}
    wide = [sum(_BOX if name in known else _PASS for name in row) + _SIDE * (len(row) - 1) for row in rows]
    width = max(wide) + 8.0
    height = len(rows) * (_HIGH + _GAP) - _GAP + 8.0
    drawing = Drawing(width, height, f"the network, {len(boxes)} nodes from its input to its output")
    centres: dict[str, tuple[float, float]] = {}
    for i, (row, total) in enumerate(zip(rows, wide)):
        x = (width - total) / 2
        for name in row:
            own = _BOX if name in known else _PASS
            centres[name] = (x + own / 2, 4.0 + i * (_HIGH + _GAP) + _HIGH / 2)
            x += own + _SIDE
    for (source, target), places in passes.items():
        drawing.add("path", class_="edge", d=_edge([centres[n] for n in (source, *places, target)]))
    for box in boxes:
        x, y = centres[box.name]
        left, top = x - _BOX / 2, y - _HIGH / 2
        classes = "node output" if box.is_output else "node"
        title = "\n".join((box.name, *box.lines))
        drawing.add("rect", title=title, class_=classes, x=left, y=top, width=_BOX, height=_HIGH, rx=3)
        for i, (text, style) in enumerate(zip(box.lines, ("strong", "", "bound"))):
            drawing.add(
                "text", _cut(text), class_=f"label {style}".strip(), x=left + 9, y=top + 18 + 17.5 * i
            )
    return drawing


def _edge(points: Sequence[tuple[float, float]]) -> str:
    """From the foot of a box, past the places, to the head of another."""
    half = _HIGH / 2
    x, y = points[0]
    path = [f"M{x:.1f},{y + half:.1f}"]
    y += half
    for i, (to_x, centre) in enumerate(points[1:], 1):
        to_y = centre - half
        bend = (to_y - y) / 2
        path.append(f"C{x:.1f},{y + bend:.1f} {to_x:.1f},{to_y - bend:.1f} {to_x:.1f},{to_y:.1f}")
        if i < len(points) - 1:
            path.append(f"V{centre + half:.1f}")
        x, y = to_x, centre + half
    return "".join(path)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
