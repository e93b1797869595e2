from __future__ import annotations

import json
import re
from collections.abc import Sequence
from copy import copy
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as Xml

from lipbuild.diagnostics.printable import printable_lines

# The style sheet of all drawings.
STYLE = files(__package__).joinpath("charts.css").read_text(encoding="utf-8")
# In a page a text may stand out a little; in a file there is this much room for it.
_MARGIN = 20.0
_GAP = 22.0


class Drawing:
    """An SVG drawing that a template can show as it is: whatever text it is given is escaped.

    Its size is that of its own units; the page scales it to the width that there is.

    Args:
        width: Its width in units; text is 12 units high.
        height: Its height.
        label: What it shows, for those who cannot see it.
    """

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width, self.height = width, height
        self._data: dict[str, str] = {}
        self._root = Xml.Element(
            "svg",
            {
                "viewBox": f"0 0 {number(width)} {number(height)}",
                "width": number(width),
                "height": number(height),
                "role": "img",
                "aria-label": printable_lines(label),
            },
        )

    def add(self, tag: str, text: str = "", *, title: str = "", **attributes: Any) -> None:
        """Draw one element.

        Args:
            tag: Its name, such as `path`.
            text: What it says.
            title: What is shown where the pointer rests on it.
            attributes: Its attributes; `class_` is `class`, and `text_anchor` is `text-anchor`.
        """
        element = Xml.SubElement(
            self._root,
            tag,
            {
                key.rstrip("_").replace("_", "-"): value if isinstance(value, str) else number(value)
                for key, value in attributes.items()
            },
        )
        if text:
            element.text = printable_lines(text)
        if title:
            Xml.SubElement(element, "title").text = printable_lines(title)

    def attach(self, name: str, value: Any) -> None:
        """Attach data to the drawing for the page's script."""
        self._data[f"data-{name}"] = json.dumps(value, separators=(",", ":"), allow_nan=False)
        self._data["tabindex"] = "0"

    def place(self, other: Drawing, x: float, y: float, *, clip: bool = False) -> None:
        """Draw a whole drawing in this one.

        Args:
            other: The drawing; what is attached to it is left out.
            x: Where its left side is.
            y: Where its top is.
            clip: Whether what stands out of it is cut off.
        """
        placed = copy(other._root)
        placed.attrib = {"x": number(x), "y": number(y), **placed.attrib}
        if clip:
            placed.attrib["class"] = "clip"
        self._root.append(placed)

    def __html__(self) -> str:
        """The drawing as markup, for templates that escape."""
        root = copy(self._root)
        root.attrib = {**root.attrib, **self._data}
        return Xml.tostring(root, encoding="unicode")

    def _repr_svg_(self) -> str:
        """The drawing for a notebook."""
        return self.as_file().partition("\n")[2]

    def as_file(self) -> str:
        """The drawing as an SVG file that stands alone, with its style sheet in the colours of a light page."""
        width, height = self.width + 2 * _MARGIN, self.height + 2 * _MARGIN
        corner = number(-_MARGIN)
        size = {"width": number(width), "height": number(height)}
        box = {"viewBox": f"{corner} {corner} {size['width']} {size['height']}"}
        root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **self._root.attrib, **box, **size})
        Xml.SubElement(root, "style").text = _without_variables(STYLE)
        Xml.SubElement(root, "rect", {"class": "ground", "x": corner, "y": corner, **size})
        root.extend(self._root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def side_by_side(drawings: Sequence[Drawing], across: int, label: str) -> Drawing:
    """Drawings in rows.

    Args:
        drawings: The drawings, one or more.
        across: How many stand in a row at most.
        label: What they show together.
    """
    wide, high = max(d.width for d in drawings) + _GAP, max(d.height for d in drawings) + _GAP
    columns, rows = min(across, len(drawings)), -(-len(drawings) // across)
    whole = Drawing(wide * columns - _GAP, high * rows - _GAP, label)
    for i, drawing in enumerate(drawings):
        whole.place(drawing, wide * (i % across), high * (i // across))
    return whole


def _without_variables(style: str) -> str:
    """A style sheet with the values of its variables written in."""
    variables, _, rules = style.partition(":root {")[2].partition("}")
    values = dict(re.findall(r"(--\w+): ([^;]+);", variables))
    return re.sub(r"var\((--\w+)\)", lambda found: values[found[1]], rules)


def number(value: float) -> str:
    """A coordinate with no more digits than can be seen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
