from __future__ import annotations

from lipbuild.reporting.charts.drawing import Drawing, side_by_side
from lipbuild.reporting.charts.drawing_file import write_drawing
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Gallery
from lipbuild.reporting.sections.gallery import gallery
from lipbuild.reporting.sections.margins import radius_histogram
from lipbuild.reporting.sections.plane import plane_drawing
from lipbuild.reporting.sections.robustness import accuracy_chart

_ACROSS = 4


def write_charts(run: RunFiles) -> None:
    """Write the report's charts of a classifier's evaluation as files of their own.

    They are accuracy against radius, a histogram of radii, the nearest adversarial images, and of a network of two
    numbers its decision regions. What this evaluation
    does not show is not left from an earlier one.

    Args:
        run: The run, evaluated.

    Raises:
        UnusableError: The folder cannot be written.
    """
    evaluation = run.evaluation
    assert evaluation is not None
    drawings: dict[str, Drawing | None] = {
        "accuracy": accuracy_chart(run, evaluation),
        "radii": radius_histogram(run, evaluation),
        "plane": plane_drawing(run),
        "adversarial": gallery_drawing(run) if evaluation["attack"] is not None else None,
    }
    for name, drawing in drawings.items():
        write_drawing(run.folder.plots, name, drawing)


def gallery_drawing(run: RunFiles) -> Drawing | None:
    """The nearest adversarial images side by side; None where there are none."""
    section = gallery(run)
    [part] = section.parts
    return side_by_side(part.pictures, _ACROSS, section.title) if isinstance(part, Gallery) else None
