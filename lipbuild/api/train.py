from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.api.keyboard_interrupt import keyboard_interrupt
from lipbuild.api.load import ConfigLike, load

if TYPE_CHECKING:
    from lipbuild.api.given import DataLike
    from lipbuild.training.train import Run


@keyboard_interrupt()
def train(
    config: ConfigLike,
    output: str | Path = "runs",
    *,
    data: DataLike | None = None,
    run: str | Path | None = None,
    quiet: bool = False,
    tensorboard: bool = False,
    mlflow: bool = False,
    workers: Sequence[str] = (),
    index: int | None = None,
) -> Run:
    """Train the network of a config and write its run folder.

    Args:
        config: The path of a config, a config as a mapping, or what `load` returned.
        output: The folder in which the run folder is made.
        data: The data in place of the config's `data.source`: arrays `(x, y)`, samples first, a `tf.data.Dataset` of
            such pairs, or a `.npz` archive. Arrays are stored in `output`, so that the run can be evaluated later.
        run: The run folder itself, in place of a new one in `output`. A training in it is resumed.
        quiet: Whether no progress is shown.
        tensorboard: Whether TensorBoard files are written, whatever the config says.
        mlflow: Whether MLflow records it, whatever the config says.
        workers: All processes of a distributed training as `host:port`; those of TF_CONFIG where left out.
        index: Which of them this process is.

    Raises:
        lipbuild.errors.RefusedError: The config or the data is wrong, or the loss became NaN.
        lipbuild.errors.UnusableError: A file is missing, a folder cannot be written, or another thread of this process
            trains: seeds belong to the process.
        lipbuild.errors.HeldError: The run folder belongs to another training.
        lipbuild.errors.StoppedError: Another signal than Ctrl-C came; what was reached is kept.
        KeyboardInterrupt: Ctrl-C came; what was reached is kept.
        lipbuild.errors.InterruptedByOthersError: Another process of the training was lost, or stopped.
    """
    from lipbuild.reporting.live.report_file import ReportFile
    from lipbuild.training.distribution.cluster import cluster_of
    from lipbuild.training.options import TrainOptions
    from lipbuild.training.train import train as run_training

    checked = load(config) if data is None else load(config, [_source(data, Path(output))])
    options = TrainOptions(
        Path(output),
        folder=Path(run) if run is not None else None,
        quiet=quiet,
        tensorboard=tensorboard,
        mlflow=mlflow,
        cluster=cluster_of(workers, index),
    )
    return run_training(checked, options, [ReportFile()])


def _source(data: DataLike, folder: Path) -> str:
    """The option that names data as a config's source."""
    import json

    from lipbuild.api.given import stored_data

    return f"data.source={json.dumps({'npz': {'path': str(stored_data(data, folder))}})}"
