from __future__ import annotations

from collections.abc import Sequence

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.frame import WIDTH

# Where cells are smaller, numbers are shown under the pointer alone.
_READABLE = 24
_LONGEST = 12


def confusion_map(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Drawing:
    """A confusion matrix: a row a class, a column a prediction; the tint is the share of the row.

    Args:
        names: The names of the classes.
        counts: How many samples of each class are given each class.
    """
    left = 30.0 + 6.5 * min(max(map(len, names)), _LONGEST)
    top = left if max(map(len, names)) > 2 else 40.0
    cell = min((WIDTH - left - 4.0) / len(names), 48.0)
    drawing = Drawing(WIDTH, top + cell * len(names) + 4.0, f"confusion matrix of {len(names)} classes")
    drawing.add("text", "predicted class", class_="name", x=left, y=14)
    middle = top + cell * len(names) / 2
    drawing.add(
        "text",
        "class",
        class_="name",
        x=13,
        y=middle,
        text_anchor="middle",
        transform=f"rotate(-90 13 {middle:.1f})",
    )
    every = max(1, -(-len(names) * 13 // int(cell * len(names))))
    for i in range(0, len(names), every):
        text, at = _cut(names[i]), (i + 0.5) * cell
        drawing.add("text", text, class_="tick", x=left - 6, y=top + at + 4, text_anchor="end")
        if max(map(len, names)) > 2:
            where = f"rotate(-60 {left + at:.1f} {top - 6:.1f})"
            drawing.add("text", text, class_="tick", x=left + at, y=top - 6, transform=where)
        else:
            drawing.add("text", text, class_="tick", x=left + at, y=top - 7, text_anchor="middle")
    for i, row in enumerate(counts):
        total = sum(row) or 1
        for j, count in enumerate(row):
            if not count and len(names) > _READABLE:
                continue
            x, y = left + j * cell, top + i * cell
            drawing.add(
                "rect",
                title=f"{names[i]} predicted as {names[j]}: {count} of {sum(row)}",
                class_=f"cell {'c1' if i == j else 'c2'}",
                x=x + 0.5,
                y=y + 0.5,
                width=cell - 1,
                height=cell - 1,
                fill_opacity=0.5 * (count / total) ** 0.5,
            )
            if count and len(names) <= _READABLE:
                drawing.add(
                    "text",
                    str(count),
                    class_="count",
                    text_anchor="middle",
                    x=x + cell / 2,
                    y=y + cell / 2 + 4,
                )
    return drawing


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
