from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as Xml


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
        self._root = Xml.Element(
            "svg",
            {
                "viewBox": f"0 0 {number(width)} {number(height)}",
                "width": number(width),
                "height": number(height),
                "role": "img",
                "aria-label": label,
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
            element.text = printable(text)
        if title:
            Xml.SubElement(element, "title").text = printable(title)

    def attach(self, name: str, value: Any) -> None:
        """Attach data to the drawing for the page's script."""
        self._root.set(f"data-{name}", json.dumps(value, separators=(",", ":"), allow_nan=False))
        self._root.set("tabindex", "0")

    def __html__(self) -> str:
        """The drawing as markup, for templates that escape."""
        return Xml.tostring(self._root, encoding="unicode", short_empty_elements=True)


def number(value: float) -> str:
    """A coordinate with no more digits than can be seen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def printable(text: str) -> str:
    """Text without the control characters that XML does not have."""
    return "".join(c for c in text if c >= " " or c in "\n\t")
