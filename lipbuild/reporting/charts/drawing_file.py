from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.training.files import write_text, write_whole

# Twice as many pixels as units, so that small text is sharp.
_ZOOM = 2.0


def png_can_be_drawn() -> bool:
    """Whether the extra `plots` is installed."""
    return find_spec("resvg_py") is not None and find_spec("font_roboto") is not None


def write_drawing(folder: Path, name: str, drawing: Drawing | None) -> None:
    """Write a drawing as an SVG file, and as a PNG file too where the extra `plots` is installed.

    Args:
        folder: Where they go. Older files of the name are replaced, or removed.
        name: Their name without an ending.
        drawing: The drawing; None where there is nothing to draw.

    Raises:
        UnusableError: The folder cannot be written.
    """
    svg, png = folder / f"{name}.svg", folder / f"{name}.png"
    if drawing is not None:
        text = drawing.as_file()
        write_text(svg, text)
        if png_can_be_drawn():
            pixels = _png(text)
            write_whole(png, lambda temporary: _write(temporary, pixels))
            return
    else:
        svg.unlink(missing_ok=True)
    png.unlink(missing_ok=True)


def _png(svg: str) -> bytes:
    from font_roboto import font_files
    from resvg_py import svg_to_bytes

    # A font of its own, since a machine may have none, and the letters would be missing.
    return bytes(
        svg_to_bytes(
            svg_string=svg, zoom=_ZOOM, font_files=list(font_files.values()), sans_serif_family="Roboto"
        )
    )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
