from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.image import png_uri

_SIDE, _GAP, _LINE = 70.0, 5.0, 16.0
_LONGEST = 34


def picture(images: Sequence[tuple[NDArray[np.uint8], str]], captions: Sequence[str]) -> Drawing:
    """Images of one size side by side, with lines of text below them.

    Args:
        images: The pixels of each, (height, width, 3), and what it shows.
        captions: The lines.
    """
    height, width, _ = images[0][0].shape
    high = min(_SIDE * height / width, 2 * _SIDE)
    drawing = Drawing(
        len(images) * (_SIDE + _GAP) - _GAP, high + _LINE * len(captions) + _GAP, ", ".join(captions)
    )
    for i, (pixels, what) in enumerate(images):
        place = {"x": i * (_SIDE + _GAP), "y": 0.0, "width": _SIDE, "height": high}
        drawing.add("image", title=what, href=png_uri(pixels), **place)
        drawing.add("rect", class_="outline", **place)
    for i, line in enumerate(captions, 1):
        text = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
        style = {"class_": "name"} if i > 1 else {}
        drawing.add("text", text, x=0, y=high + _LINE * i, **style)
    return drawing
