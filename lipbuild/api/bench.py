from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.api.load import load
from lipbuild.building.keras_settings import keras_settings
from lipbuild.rules.check import Checked

if TYPE_CHECKING:
    from lipbuild.benchmarking.bench import Benchmark


@keras_settings()
def bench(
    config: str | Path | Checked,
    *,
    batch_size: int | None = None,
    rounds: int = 25,
    memory: bool = True,
    layers: bool = False,
) -> Benchmark:
    """Measure what a config's network costs beside the same network in plain Keras, on random data.

    Args:
        config: The path of a config, or what `load` returned.
        batch_size: The number of samples of a step; that of the config where left out.
        rounds: How often the two networks take turns.
        memory: Whether to measure the memory of a training too, in two more processes.
        layers: Whether to measure each layer by itself too.

    Raises:
        lipbuild.errors.RefusedError: The config has errors or no `train:` section.
        lipbuild.errors.UnusableError: The file cannot be read.
    """
    from lipbuild.benchmarking.bench import bench as measure

    return measure(load(config), batch_size=batch_size, rounds=rounds, memory=memory, layers=layers)
