"""What the training loop adds to a bare step: reading batches, metrics, the look at the loss, progress, signals.

    python tests/benchmarks/loop_overhead.py [--config configs/digits_cnn.yaml] [--batch 256] [--rounds 20] [--steps 40]

The bare step is one `tf.function` (forward pass, loss, gradient, optimiser, constraints) on one batch that is there
already. The loop is `lipbuild train`'s, on the samples of the config repeated to so many batches. The two take turns
within one process, on models of their own; the ratio is the median of the ratios within rounds, which a busy machine
disturbs less than the times. What an epoch costs besides its steps is shown apart.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping
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
    """After each epoch of the loop, as many bare steps."""

    def __init__(self, bare: Callable[[], Any]) -> None:
        self.bare = bare
        self.loop: list[float] = []
        self.bare_times: list[float] = []
        self.before = 0.0

    def start(self, plan: Plan) -> None:
        self.steps = plan.steps
        self.seconds = plan.phases.seconds
        self.bare()

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        total = self.seconds["steps"]
        self.loop.append((total - self.before) / self.steps)
        self.before = total
        began = time.perf_counter()
        for _ in range(self.steps):
            loss = self.bare()
        float(loss)
        self.bare_times.append((time.perf_counter() - began) / self.steps)


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
            "train.epochs": options.rounds + 2,
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
    # The first rounds compile and fill caches.
    looped, bares = np.array(turns.loop[2:]), np.array(turns.bare_times[2:])
    print()
    print(
        f"{options.config.stem}, batch {options.batch}, {options.steps} steps a round, {options.rounds} rounds"
    )
    print(f"bare step        {np.median(bares) * 1e3:8.3f} ms")
    print(f"step of the loop {np.median(looped) * 1e3:8.3f} ms")
    print(f"overhead         {(np.median(looped / bares) - 1) * 100:8.1f} %")
    print("of the whole training, in %:")
    total = sum(turns.seconds.values())
    for phase, value in turns.seconds.items():
        print(f"  {phase:12} {100 * value / total:5.1f}")


if __name__ == "__main__":
    main()
