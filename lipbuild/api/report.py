from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipbuild.api.given import RunLike


def report(run: RunLike, output: str | Path | None = None) -> Path:
    """Write the report of a run: one HTML file that asks nothing of any network.

    It shows what the run folder holds; what is missing is said, with the command that makes it. Neither TensorFlow nor
    Keras is loaded.

    Args:
        run: The run folder; its training may be under way.
        output: The file; `report.html` in the run folder where left out.

    Returns:
        The file.

    Raises:
        lipbuild.errors.RefusedError: This lipbuild refuses the config of the run.
        lipbuild.errors.UnusableError: It is not a run folder, or a file cannot be read or written.
    """
    from lipbuild.api.given import run_path
    from lipbuild.reporting.report import report_page
    from lipbuild.reporting.run_files import RunFiles
    from lipbuild.training.files import write_text

    files = RunFiles.of(run_path(run))
    destination = files.folder.report if output is None else Path(output)
    write_text(destination, report_page(files))
    return destination
