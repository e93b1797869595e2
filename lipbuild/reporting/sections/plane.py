from __future__ import annotations

from typing import Any

from lipbuild.evaluation.plane import Plane
from lipbuild.reading.arrays import open_archive
from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.plane_chart import plane_chart
from lipbuild.reporting.run_files import REMEDY, RunFiles
from lipbuild.reporting.section import Figure, Section


def plane(run: RunFiles) -> Section:
    """What a classifier of two numbers says of each point; nothing for any other network."""
    drawing = plane_drawing(run)
    if drawing is None:
        return Section("plane", "Decision regions", [])
    caption = (
        "What the network says of each point, the darker the greater its certified radius there. A dot is a sample in "
        "the colour of its true class; within the circle around a right one no perturbation changes the answer."
    )
    return Section("plane", "Decision regions", [Figure(drawing, caption, wide=True)])


def plane_drawing(run: RunFiles) -> Drawing | None:
    """The chart of that section."""
    evaluation = run.evaluation
    if evaluation is None or not run.folder.plane.is_file():
        return None
    with open_archive(run.folder.plane, REMEDY) as archive:
        arrays: dict[str, Any] = {name: archive.array(name) for name in archive.names}
    return plane_chart(Plane(**arrays), evaluation["confusion"]["classes"])
