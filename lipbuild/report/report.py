"""The report of a run: one HTML file, made of what is in its folder."""

from __future__ import annotations

from lipbuild.report.page.render import render
from lipbuild.report.run_files import RunFiles
from lipbuild.report.sections.config import config
from lipbuild.report.sections.confusion import confusion
from lipbuild.report.sections.environment import environment
from lipbuild.report.sections.gallery import gallery
from lipbuild.report.sections.margins import margins
from lipbuild.report.sections.network import network
from lipbuild.report.sections.robustness import robustness
from lipbuild.report.sections.spectra import spectra
from lipbuild.report.sections.summary import summary
from lipbuild.report.sections.training import training

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
    parsed = run.checked.config
    assert parsed is not None
    started = (run.environment or {}).get("started", "")
    subtitle = f"{run.name}{f', started {started}' if started else ''}"
    return render(parsed.name, subtitle, [section(run) for section in SECTIONS], live=live)
