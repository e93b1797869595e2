from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lipbuild.api.keyboard_interrupt import keyboard_interrupt

if TYPE_CHECKING:
    from lipbuild.api.given import RunLike
    from lipbuild.training.train import Run


@keyboard_interrupt()
def resume(
    run: RunLike, overrides: Sequence[str] = (), *, quiet: bool = False, known_only: bool = False
) -> Run:
    """Go on with a training, from its last checkpoint, as if it had not been interrupted.

    One that has ended is left as it is; what its folder lacks is written.

    Args:
        run: Its run folder, or the run.
        overrides: `path=value` options laid over its config, such as `train.epochs=60`. What may change is listed in
            `lipbuild.training.resume.MAY_CHANGE`.
        quiet: Whether no progress is shown.
        known_only: Whether samples that it did not begin with are left out.

    Raises:
        lipbuild.errors.RefusedError: It has ended otherwise than is asked for, something changed that may not, or the
            loss became NaN.
        lipbuild.errors.UnusableError: There is no checkpoint, or a folder cannot be written.
        lipbuild.errors.HeldError: The run folder belongs to another training.
        lipbuild.errors.StoppedError: Another signal than Ctrl-C came; what was reached is kept.
        KeyboardInterrupt: Ctrl-C came; what was reached is kept.
    """
    from lipbuild.api.given import run_path
    from lipbuild.reporting.live.report_file import ReportFile
    from lipbuild.training.begun import check_begun
    from lipbuild.training.options import TrainOptions
    from lipbuild.training.run_folder import open_run_folder
    from lipbuild.training.train import train

    folder = open_run_folder(run_path(run), trained=False)
    checked = check_begun(folder, overrides).raise_for_errors()
    options = TrainOptions(folder=folder.path, resume=True, quiet=quiet, known_only=known_only)
    return train(checked, options, [ReportFile()])
