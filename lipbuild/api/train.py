from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.api.load import ConfigLike, load

if TYPE_CHECKING:
    from lipbuild.training.train import Run


def train(config: ConfigLike, output: str | Path = "runs", *, quiet: bool = False) -> Run:
    """Train the network of a config and write its run folder.

    Args:
        config: The path of a config, a config as a mapping, or what `load` returned.
        output: The folder in which the run folder is made.
        quiet: Whether no progress is shown.

    Raises:
        lipbuild.errors.RefusedError: The config or the data is wrong, or the loss became NaN.
        lipbuild.errors.UnusableError: A file is missing, or a folder cannot be written.
    """
    from lipbuild.training.train import train as run_training

    checked = load(config)
    return run_training(checked, Path(output), quiet=quiet)
