from __future__ import annotations

from dataclasses import dataclass

COLOURS = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    Attributes:
        name: What stands at its end, and in the list of values under the pointer.
        points: x and y, all finite, in the order of x.
        colour: Which of the page's colours it has, from 0.
        dashed: Whether it is dashed.
        steps: Whether it stays at a value until the next.
        marks: Whether its points are drawn too.
        joined: Whether a line joins them.
    """

    name: str
    points: tuple[Point, ...]
    colour: int = 0
    dashed: bool = False
    steps: bool = False
    marks: bool = False
    joined: bool = True

    @property
    def colour_class(self) -> str:
        """The class that gives it its colour."""
        return f"c{self.colour % COLOURS + 1}"

    def path(self, points: list[Point]) -> str:
        """A path through points in coordinates."""
        parts = [f"M{points[0][0]:.2f},{points[0][1]:.2f}"]
        for x, y in points[1:]:
            parts.append(f"H{x:.2f}V{y:.2f}" if self.steps else f"L{x:.2f},{y:.2f}")
        return "".join(parts)
