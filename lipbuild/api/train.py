from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.api.load import load
from lipbuild.rules.check import Checked

if TYPE_CHECKING:
    from lipbuild.training.train import Run


def train(config: str | Path | Checked, output: str | Path = "runs", *, quiet: bool = False) -> Run:
    """Train the network of a config and write its run folder.

    Args:
        config: The path of a config, or what `load` returned.
        output: The folder in which the run folder is made.
        quiet: Whether no progress is shown.

    Raises:
        lipbuild.errors.RefusedError: The config or the data is wrong, or the loss became NaN.
        lipbuild.errors.UnusableError: A file is missing, or a folder cannot be written.
    """
    from lipbuild.training.options import TrainOptions
    from lipbuild.training.train import train as run_training

    checked = config if isinstance(config, Checked) else load(config)
    return run_training(checked, TrainOptions(Path(output), quiet=quiet))
