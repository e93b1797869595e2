"""The report of a run: one HTML file, made of what is in its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lipbuild.reading.file import as_written
from lipbuild.reporting.page.render import render
from lipbuild.reporting.run_files import REMEDY, RunFiles
from lipbuild.reporting.section import Section
from lipbuild.reporting.sections.columns import columns
from lipbuild.reporting.sections.config import config
from lipbuild.reporting.sections.confusion import confusion
from lipbuild.reporting.sections.environment import environment
from lipbuild.reporting.sections.gallery import gallery
from lipbuild.reporting.sections.margins import margins
from lipbuild.reporting.sections.network import network
from lipbuild.reporting.sections.plane import plane
from lipbuild.reporting.sections.robustness import robustness
from lipbuild.reporting.sections.spectra import spectra
from lipbuild.reporting.sections.summary import summary
from lipbuild.reporting.sections.training import training
from lipbuild.training.run_folder import RunFolder

# Each, with the file that it shows.
SECTIONS: dict[Callable[[RunFiles], Section], Callable[[RunFolder], Path]] = {
    summary: lambda folder: folder.evaluation,
    training: lambda folder: folder.metrics,
    robustness: lambda folder: folder.evaluation,
    columns: lambda folder: folder.dependence,
    plane: lambda folder: folder.plane,
    margins: lambda folder: folder.samples,
    confusion: lambda folder: folder.evaluation,
    gallery: lambda folder: folder.attacks,
    network: lambda folder: folder.certificate,
    spectra: lambda folder: folder.spectra,
    environment: lambda folder: folder.environment,
    config: lambda folder: folder.resolved,
}


def report_page(run: RunFiles, *, live: str = "") -> str:
    """The report of a run.

    Args:
        run: Its files.
        live: The address at the page's own server that sends the next page, while a training runs.

    Raises:
        RefusedError: This lipbuild refuses the config of the run.
        UnusableError: A file is not what lipbuild writes.
    """
    started = (run.environment or {}).get("started", "")
    subtitle = f"{run.name}{f', started {started}' if started else ''}"
    sections = []
    for section, file_of in SECTIONS.items():
        with as_written(file_of(run.folder), REMEDY):
            made = section(run)
        if made.parts:
            sections.append(made)
    return render(run.checked.config.name, subtitle, sections, live=live)
