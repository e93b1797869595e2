"""LipNeXt and BRONet on an accelerator, in float32 and bfloat16, beside plain networks of the same shapes.

    python -m tests.benchmarks.gpu [--steps 100] [--batch 256] [--seconds 540] [--small]

The networks are those of the recipes for CIFAR-10, less wide and less deep, and the data is random. A line for each
network, precision and kind: steps and images a second after the first step, the most memory of the device (on a CPU
that of the process), and the loss of the last step. Then, on a GPU, the largest width that fits, by doubling; and where
there are several GPUs, a training over all of them (`mirrored`) beside one over the first.

Each measurement has a process of its own, and none is begun after so many seconds. `--small` is what a CPU does in a
minute, so that a test can try the script. The exit status is 1 if a measurement failed that could not have run out of
memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RECIPES = Path(__file__).parents[2] / "configs" / "recipes"
NETWORKS = {
    "LipNeXt": ("cifar10_lipnext", {"width": 512, "depth": 8}),
    "BRONet": ("cifar10_bronet_la", {"width": 256, "depth": 6, "dense_width": 1024, "dense_depth": 4}),
}
SMALL = {"width": 16, "depth": 2, "dense_width": 32, "dense_depth": 2}
PRECISIONS = ("float32", "mixed_bfloat16")
KINDS = ("lipbuild", "plain")
WIDEST = 2**15
# Seconds that one measurement may take, imports and first step included.
_MOST = 240


def measured(network: str, settings: list[str], kind: str, precision: str, batch: int, steps: int) -> Any:
    """Steps a second, bytes and the last loss of one network in this process.

    Raises:
        tf.errors.ResourceExhaustedError: It does not fit.
    """
    import tensorflow as tf

    import lipbuild
    from lipbuild.benchmarking.plain_twin import plain_twin
    from lipbuild.benchmarking.random_batch import random_batch
    from lipbuild.benchmarking.steps import training_step
    from lipbuild.building.model import build_model
    from lipbuild.training.precision import dtype_policy

    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
    checked = lipbuild.check(RECIPES / f"{NETWORKS[network][0]}.yaml", settings).raise_for_errors()
    graph, section = checked.graph, checked.config.needed("train")
    with dtype_policy(precision):
        model = build_model(graph) if kind == "lipbuild" else plain_twin(graph)
    step = training_step(model, graph, section, random_batch(graph, section.loss, batch))
    loss = float(step())
    start = time.perf_counter()
    for _ in range(steps):
        last = step()
    loss = float(last)
    return {"rate": steps / (time.perf_counter() - start), "bytes": _peak(tf), "loss": loss}


def trained(network: str, settings: list[str], batch: int, steps: int) -> Any:
    """Steps a second of lipbuild's own loop over all GPUs that this process sees: those of its second epoch."""
    import numpy as np

    import lipbuild
    from lipbuild.training.listeners.listener import Listener
    from lipbuild.training.options import TrainOptions
    from lipbuild.training.train import train

    class Watch(Listener):
        def epoch(self, row: Any, seconds: float) -> None:
            taken.append((seconds, row["loss"]))

    taken: list[tuple[float, float]] = []
    rng, steps = np.random.default_rng(0), max(steps // 2, 2)
    count = batch * steps
    settings = [*settings, "train.epochs=2", f"train.batch_size={batch}", "train.strategy=auto"]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "data.npz"
        x = rng.random((count + 32, 32, 32, 3), dtype=np.float32)
        y = np.arange(len(x)) % 10
        np.savez(archive, x_train=x[:count], y_train=y[:count], x_test=x[count:], y_test=y[count:])
        settings += [f"data.source={json.dumps({'npz': {'path': str(archive)}})}", "data.validation=0"]
        config = lipbuild.load(RECIPES / f"{NETWORKS[network][0]}.yaml", settings)
        train(config, TrainOptions(Path(folder), quiet=True), [Watch()])
    seconds, loss = taken[-1]
    return {"rate": steps / seconds, "bytes": 0, "loss": loss}


def _peak(tf: Any) -> int:
    if tf.config.list_physical_devices("GPU"):
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def in_process(arguments: list[str], seconds: float, **environment: str) -> dict[str, Any] | None:
    """The figures of one measurement, or None where the device's memory is too little.

    Raises:
        RuntimeError: It failed otherwise, or took too long.
    """
    command = [sys.executable, "-m", __spec__.name, "--here", *arguments]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=max(seconds, 1.0),
            env=os.environ | environment,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"took more than {seconds:.0f} s") from None
    if done.returncode == 0:
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result
    if any(word in done.stderr for word in ("ResourceExhausted", "RESOURCE_EXHAUSTED", "out of memory")):
        return None
    raise RuntimeError(done.stderr.strip()[-300:] or f"exit status {done.returncode}")


def gpus() -> int:
    """How many GPUs TensorFlow sees, asked in a process of its own, which gives them back."""
    code = "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


class Run:
    """The measurements, as long as there is time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.end = time.monotonic() + options.seconds
        self.failed = False

    def settings(self, network: str, width: int | None = None) -> list[str]:
        """The options of the config."""
        values = NETWORKS[network][1]
        if self.options.small:
            values = {key: SMALL[key] for key in values}
        values = values if width is None else values | {"width": width}
        return [f"variables.{key}={value}" for key, value in values.items()]

    def line(self, name: str, network: str, *what: str, width: int | None = None, **environment: str) -> bool:
        """Measure and print a line; whether there are figures."""
        left = self.end - time.monotonic()
        if left < 1.0:
            print(f"{name:<44}left out: the time is over", flush=True)
            return False
        arguments = [network, *what, "--batch", str(self.options.batch), "--steps", str(self.options.steps)]
        arguments += [part for setting in self.settings(network, width) for part in ("--set", setting)]
        try:
            found = in_process(arguments, min(left, _MOST), **environment)
        except RuntimeError as error:
            self.failed = True
            print(f"{name:<44}FAILED: {error}", flush=True)
            return False
        if found is None:
            print(f"{name:<44}does not fit", flush=True)
            return False
        rate, memory = found["rate"], found["bytes"] / 2**30
        images = rate * self.options.batch
        print(f"{name:<44}{rate:9.2f}{images:11.0f}{memory:9.2f}{found['loss']:12.4g}", flush=True)
        return True


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=540.0)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--here", nargs="+", metavar="WHAT", help="one measurement, as JSON")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    options = parser.parse_args()
    if options.here is not None:
        network, *what = options.here
        found = (
            measured(network, options.set, *what, options.batch, options.steps)
            if what
            else trained(network, options.set, options.batch, options.steps)
        )
        print(json.dumps(found))
        return 0
    if options.small:
        options.steps, options.batch = 3, 8
    run = Run(options)
    devices = gpus()
    print(f"{devices} GPUs, batches of {options.batch}")
    print(f"{'':<44}{'steps/s':>9}{'images/s':>11}{'GiB':>9}{'loss':>12}")
    for network in NETWORKS:
        for precision in PRECISIONS:
            for kind in KINDS:
                run.line(f"{network}, {precision}, {kind}", network, kind, precision)
        run.line(f"{network}, float32, lipbuild's loop, 1 device", network, CUDA_VISIBLE_DEVICES="0")
        if devices > 1:
            run.line(f"{network}, float32, lipbuild's loop, {devices} devices", network)
    for network in NETWORKS if devices else ():
        width = int(NETWORKS[network][1]["width"])
        options.steps = 3
        while width <= WIDEST and run.line(
            f"{network}, width {width}", network, "lipbuild", "mixed_bfloat16", width=width
        ):
            width *= 2
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
