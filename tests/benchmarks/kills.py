"""A training that is killed again and again, and the same one left alone: are the weights the same?

    python -m tests.benchmarks.kills --count 26 --seed 0

`lipbuild train CONFIG --run RUN` is started, ended at a random moment by SIGKILL, SIGTERM or SIGHUP, and started again
until it ends by itself. The moments are such that half of the training is done by the last of them. Prints what came of
each start, and whether the weights are those of a training that nobody disturbed, to the last bit. The exit status is 1
where they are not, or where something half written is left.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lipbuild.training.partial import is_partial

CONFIG = """\
name: digits
seed: 1
model:
  layers:
    - Flatten
    - OrthoDense: {units: 64}
    - GroupSort2
    - SpectralDense: {units: 10}
data:
  source: digits
  test: 0.2
  validation: 0.1
  augment: [{GaussianNoise: {stddev: 0.02}}]
train:
  loss: {MulticlassSoftHKR: {alpha: 50, min_margin: 0.5}}
  optimizer: {Adam: {learning_rate: {CosineDecay: {initial_learning_rate: 1e-2}}}}
  epochs: 400
  batch_size: 128
  average: EMA
  checkpoint: {steps: 20}
"""


def weights_of(run: Path) -> list[np.ndarray]:
    """The weights of a run's plain model."""
    from lipbuild.saved.archive import read_archive

    _, weights = read_archive(run / "plain.keras")
    return [array for name in sorted(weights) for array in weights[name]]


def start(config: Path, run: Path) -> subprocess.Popen[bytes]:
    """The command, in the background."""
    command = [sys.executable, "-m", "lipbuild", "train", str(config), "--run", str(run), "--quiet"]
    environment = {**os.environ, "LIPBUILD_BEAT_SECONDS": "0.5"}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


def undisturbed(config: Path, run: Path) -> tuple[float, float]:
    """Train without an interruption: how many seconds it takes to the end of the first epoch, and from there on."""
    began = time.perf_counter()
    process = start(config, run)
    while process.poll() is None and not (run / "metrics.csv").exists():
        time.sleep(0.05)
    first = time.perf_counter()
    if process.wait():
        sys.exit("the training that nobody disturbs ended with an error")
    return first - began, time.perf_counter() - first


def latest(start_up: float, rest: float, count: int) -> float:
    """The latest moment to end a start at: s + d, where n·d²/(2·(s + d)), the mean progress of n starts, is rest/2."""
    share = rest / count
    return start_up + (share + math.sqrt(share * (share + 4.0 * start_up))) / 2.0


def main() -> int:
    """Disturb a training, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=26, help="the number of times it is ended")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the signals")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, alone, disturbed = folder / "config.yaml", folder / "alone", folder / "disturbed"
        config.write_text(CONFIG)
        most = latest(*undisturbed(config, alone), arguments.count)
        ended = 0
        while True:
            process = start(config, disturbed)
            if ended < arguments.count:
                time.sleep(rng.uniform(0.1, most))
                chosen = rng.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
                if process.poll() is None:
                    process.send_signal(chosen)
                    ended += 1
                    print(f"{ended:3d}  {chosen.name:<8} status {process.wait()}", flush=True)
                    continue
            status = process.wait()
            print(f"     ended   status {status}", flush=True)
            if status == 0:
                break
            if status != 75:
                return 1
        pairs = list(zip(weights_of(alone), weights_of(disturbed), strict=True))
        equal = all(np.array_equal(one, other) for one, other in pairs)
        left = sorted(
            path.name for path in disturbed.rglob("*") if is_partial(path) or path.name == "lease.json"
        )
    print(
        f"{ended} times ended; the weights are {'equal to the last bit' if equal else 'OTHERS'}; left over: {left}"
    )
    return 0 if equal and not left else 1


if __name__ == "__main__":
    sys.exit(main())
