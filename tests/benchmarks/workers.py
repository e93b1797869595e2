"""How far the weights of trainings over several processes are from those of one process.

    python -m tests.benchmarks.workers                      # all of the table
    python -m tests.benchmarks.workers --steps 1 10         # a part of it

The digits MLP is trained by SGD and by Adam for some steps over 1, 2 and 3 processes of this machine, in float32 and in
float64, from one seed. Prints the largest difference of a weight from that of one process, over the largest weight, and
that of the training loss. The float64 is of this benchmark alone: in it a fault would stay, and rounding would not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

CONFIG = """\
name: digits
seed: 7
model:
  layers:
    - Flatten
    - SpectralDense: {units: 64}
    - GroupSort2
    - SpectralDense: {units: 64}
    - GroupSort2
    - SpectralDense: {units: 10}
data: {source: digits, test: 0.2}
train:
  loss: {TauCategoricalCrossentropy: {tau: 10}}
  optimizer: {OPTIMIZER}
  epochs: EPOCHS
  batch_size: 96
"""
OPTIMIZERS = {"SGD": "SGD: {learning_rate: 1e-1, momentum: 0.9}", "Adam": "Adam: {learning_rate: 6e-2}"}
# Of an epoch of the 1,437 samples that are learnt from.
STEPS_OF_EPOCH = 15


def one_process(arguments: argparse.Namespace) -> None:
    """Train as one of the processes, and write the weights."""
    import lipbuild
    from lipbuild.building import keras_settings
    from lipbuild.training import assembly
    from lipbuild.training.distribution.cluster import Cluster
    from lipbuild.training.options import TrainOptions
    from lipbuild.training.precision import dtype_policy
    from lipbuild.training.train import train

    if arguments.dtype == "float64":
        keras_settings.DEFAULTS.update(floatx="float64", dtype_policy="float64")
        assembly.dtype_policy = lambda _: dtype_policy("float64")  # type: ignore[arg-type, assignment]
    epochs = -(-arguments.steps[0] // STEPS_OF_EPOCH)
    most = arguments.steps[0] if epochs == 1 else None
    config = CONFIG.replace("OPTIMIZER", OPTIMIZERS[arguments.optimizer]).replace("EPOCHS", str(epochs))
    path = arguments.out.with_suffix(f".{arguments.index}.yaml")
    path.write_text(config)
    addresses = tuple(arguments.workers)
    cluster = Cluster(addresses, arguments.index) if len(addresses) > 1 else None
    folder = arguments.out.with_suffix("")
    done = train(
        lipbuild.load(path), TrainOptions(folder=folder, quiet=True, cluster=cluster, most_steps=most)
    )
    if arguments.index == 0:
        weights = np.concatenate([np.ravel(one).astype(np.float64) for one in done.model.get_weights()])
        np.savez(arguments.out, weights=weights, loss=done.history[-1]["loss"])


def train(folder: Path, processes: int, dtype: str, optimizer: str, steps: int) -> tuple[np.ndarray, float]:
    """The weights and the loss of a training over some processes."""
    from tests.training.test_distribution import free_addresses

    addresses = free_addresses(processes)
    out = folder / f"{processes}-{dtype}-{optimizer}-{steps}.npz"
    command = [sys.executable, "-m", "tests.benchmarks.workers", "--out", str(out), "--dtype", dtype]
    command += ["--optimizer", optimizer, "--steps", str(steps), "--workers", *addresses, "--index"]
    running = [
        subprocess.Popen([*command, str(i)], stderr=subprocess.PIPE, text=True) for i in range(processes)
    ]
    for process in running:
        _, said = process.communicate()
        if process.returncode:
            sys.exit(said)
    found = np.load(out)
    return found["weights"], float(found["loss"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 10, 105])
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("--optimizers", nargs="+", default=list(OPTIMIZERS))
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 3])
    for hidden in ("--dtype", "--optimizer", "--out", "--index"):
        kind = {"--index": int, "--out": Path}.get(hidden, str)
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    parser.add_argument("--workers", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.out is not None:
        one_process(arguments)
        return
    print(f"{'optimizer':<11}{'arithmetic':<12}{'steps':>6}{'processes':>11}{'weights':>11}{'loss':>11}")
    with tempfile.TemporaryDirectory() as folder:
        for optimizer in arguments.optimizers:
            for dtype in arguments.dtypes:
                for steps in arguments.steps:
                    weights, loss = train(Path(folder), 1, dtype, optimizer, steps)
                    for processes in arguments.processes:
                        mine, own = train(Path(folder), processes, dtype, optimizer, steps)
                        apart = np.abs(mine - weights).max() / np.abs(weights).max()
                        print(
                            f"{optimizer:<11}{dtype:<12}{steps:>6}{processes:>11}{apart:>11.1e}"
                            f"{abs(own - loss) / loss:>11.1e}",
                            flush=True,
                        )


if __name__ == "__main__":
    main()
