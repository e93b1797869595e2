from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.evaluation.partial_dependence import PartialDependence
from lipbuild.reading.arrays import open_archive
from lipbuild.reporting.charts.dependence_chart import dependence_chart
from lipbuild.reporting.run_files import REMEDY, RunFiles
from lipbuild.reporting.section import Figure, Part, Section

# Charts of a page.
_MOST = 12


def columns(run: RunFiles) -> Section:
    """The output of a network of one number against each column of a table; nothing for any other network."""
    title = "Columns"
    found = dependence(run)
    if found is None or len(found.outputs) != 1:
        return Section("columns", title, [])
    means = found.means[:, :, 0]
    # Those in which the output moves most, in the order of the table.
    most = sorted(np.argsort(-np.ptp(means, axis=1), kind="stable")[:_MOST].tolist())
    parts: list[Part] = [
        Figure(dependence_chart(found, column, 0), _caption(found, column)) for column in most
    ]
    lead = (
        "The mean of the output over test samples if one column has the same value in all of them (partial "
        "dependence). The band is where this mean is proved to lie, given its value at the dot."
    )
    if len(most) < len(found.columns):
        lead += f" Shown are the {len(most)} of {len(found.columns)} columns with which it moves most."
    return Section("columns", title, parts, lead)


def dependence(run: RunFiles) -> PartialDependence | None:
    """What an evaluation found of the columns; None where it has found nothing."""
    if run.evaluation is None or not run.folder.dependence.is_file():
        return None
    with open_archive(run.folder.dependence, REMEDY) as archive:
        arrays: dict[str, Any] = {name: archive.array(name) for name in archive.names}
    return PartialDependence(**arrays)


def _caption(found: PartialDependence, column: int) -> str:
    low, high = float(found.least[column, 0]), float(found.greatest[column, 0])
    sign = ", so it never falls" if low >= 0.0 else ", so it never rises" if high <= 0.0 else ""
    return f"{found.columns[column]}: the slope is between {low:.4g} and {high:.4g}{sign}."
