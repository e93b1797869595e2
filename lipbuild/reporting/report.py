"""The report of a run: one HTML file, made of what is in its folder."""

from __future__ import annotations

from lipbuild.reporting.page.render import render
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.sections.config import config
from lipbuild.reporting.sections.confusion import confusion
from lipbuild.reporting.sections.environment import environment
from lipbuild.reporting.sections.gallery import gallery
from lipbuild.reporting.sections.margins import margins
from lipbuild.reporting.sections.network import network
from lipbuild.reporting.sections.robustness import robustness
from lipbuild.reporting.sections.spectra import spectra
from lipbuild.reporting.sections.summary import summary
from lipbuild.reporting.sections.training import training

SECTIONS = (summary, training, robustness, margins, confusion, gallery, network, spectra, environment, config)


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
    return render(run.checked.config.name, subtitle, [section(run) for section in SECTIONS], live=live)
