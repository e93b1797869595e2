"""What the training loop adds to a bare step: reading batches, metrics, the look at the loss, progress, signals.

    python tests/benchmarks/loop_overhead.py [--config configs/digits_cnn.yaml] [--batch 256] [--rounds 20] [--steps 40]

The bare step is one `tf.function` (forward pass, loss, gradient, optimiser, constraints) on one batch that is there
already. The loop is `lipbuild train`'s, on the samples of the config repeated to so many batches. The two take turns
step by step within one process, on models of their own. The ratios are that of the first quartiles and the median of
the ratios of two steps that follow each other, which a busy machine disturbs less than the times. What an epoch costs
besides its steps is shown apart.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

import lipbuild
from lipbuild.data.config_data import load_dataset
from lipbuild.data.dataset import Dataset
from lipbuild.training.assembly import Assembly, assemble, make_job
from lipbuild.training.distribution.distribution import distribute
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.options import TrainOptions
from lipbuild.training.seeds import set_seeds
from lipbuild.training.train import train


class Turns(Listener):
    """After each step of the loop a bare one, both timed but for the first of an epoch, which other things precede."""

    def __init__(self, bare: Callable[[], Any]) -> None:
        self.bare = bare
        self.loop: list[float] = []
        self.bare_times: list[float] = []
        self.ended = 0.0

    def start(self, plan: Plan) -> None:
        self.seconds = plan.phases.seconds

    def step(self, epoch: int, step: int) -> None:
        began = time.perf_counter()
        if step > 0:
            self.loop.append(began - self.ended)
        float(self.bare())
        self.ended = time.perf_counter()
        if step > 0:
            self.bare_times.append(self.ended - began)


def bare_step(assembly: Assembly, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    """One step as one would write it by hand."""
    model, loss, optimizer = assembly.steps.model, assembly.steps.loss, assembly.steps.optimizer
    variables = [variable.value for variable in model.trainable_variables]
    inputs, labels = tf.constant(x), tf.constant(y)

    @tf.function(autograph=False)
    def step() -> Any:
        with tf.GradientTape() as tape:
            value = loss(labels, model(inputs, training=True))
        optimizer.apply(tape.gradient(value, variables), model.trainable_variables)
        return value

    return step


def write_repeated(dataset: Dataset, path: Path, samples: int) -> None:
    """The training samples repeated to so many, and what is watched as it is."""
    chosen = np.arange(samples) % len(dataset.train)
    parts = {"train": (dataset.train, chosen), "test": (dataset.watched, slice(None))}
    arrays = {
        f"{name}_{key}": np.asarray(values)[which]
        for key, (part, which) in parts.items()
        for name, values in (("x", part.x), ("y", part.targets))
    }
    np.savez(path, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=Path("configs/digits_cnn.yaml"))
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data.npz"
        checked = lipbuild.load(options.config)
        assert checked.config is not None
        assert checked.graph is not None
        write_repeated(load_dataset(checked.config, checked.graph), data, options.batch * options.steps)
        settings = {
            "data.source": f"{{npz: {{path: {data}}}}}",
            "data.validation": 0,
            "train.batch_size": options.batch,
            "train.epochs": options.rounds + 1,
        }
        checked = lipbuild.load(options.config, [f"{key}={value}" for key, value in settings.items()])
        assert checked.config is not None
        assert checked.graph is not None
        dataset = load_dataset(checked.config, checked.graph)
        set_seeds(0)
        job = make_job(checked.config, checked.graph, dataset)
        batch = dataset.train.x[: options.batch], dataset.train.y[: options.batch]
        turns = Turns(bare_step(assemble(job, distribute("auto")), *batch))
        train(checked, TrainOptions(Path(name)), [turns])
    # The first epoch compiles and fills caches.
    looped, bares = (np.array(times[options.steps :]) * 1e3 for times in (turns.loop, turns.bare_times))
    print()
    print(f"{options.config.stem}, batch {options.batch}, {len(bares)} steps each")
    print(f"{'':18}{'quartile':>10}{'median':>10}")
    for title, times in (("bare step", bares), ("step of the loop", looped)):
        print(f"{title:18}{np.quantile(times, 0.25):7.3f} ms{np.median(times):7.3f} ms")
    ratios = [np.quantile(looped, 0.25) / np.quantile(bares, 0.25), np.median(looped / bares)]
    print(f"{'overhead':18}" + "".join(f"{(ratio - 1) * 100:8.1f} %" for ratio in ratios))
    print("of an epoch besides its steps, in ms:")
    for phase, value in turns.seconds.items():
        if phase != "steps":
            print(f"  {phase:14}{value / (options.rounds + 1) * 1e3:8.1f}")


if __name__ == "__main__":
    main()
